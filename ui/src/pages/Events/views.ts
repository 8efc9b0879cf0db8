/** The pages of the Events area, in the order of their row; the palette has them too. */
export const EVENT_VIEWS = [
  { to: "/events", label: "Events" },
  { to: "/events/states", label: "States" },
] as const;
