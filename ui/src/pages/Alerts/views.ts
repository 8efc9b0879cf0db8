/** The pages of the Alerts area, in the order of their row; the palette has them too. */
export const ALERT_VIEWS = [
  { to: "/alerts", label: "Now" },
  { to: "/alerts/rules", label: "Rules" },
  { to: "/alerts/routing", label: "Routing" },
  { to: "/alerts/silences", label: "Silences" },
  { to: "/alerts/notifications", label: "Notifications" },
  { to: "/alerts/history", label: "History" },
  { to: "/alerts/runbooks", label: "Runbooks" },
  { to: "/alerts/slos", label: "SLOs" },
  { to: "/alerts/on-call", label: "On call" },
] as const;
