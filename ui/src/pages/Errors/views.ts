/** The pages of the Errors area, in the order of their row; the palette has them too. */
export const ERROR_VIEWS = [
  { to: "/errors", label: "Issues" },
  { to: "/failed-runs", label: "Failed runs" },
  { to: "/replays", label: "Replays" },
  { to: "/releases", label: "Releases" },
] as const;
