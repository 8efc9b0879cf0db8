/** The pages of the Uptime area, in the order of their row; the palette has them too. */
export const UPTIME_VIEWS = [
  { to: "/uptime", label: "Probes" },
  { to: "/uptime/heartbeats", label: "Heartbeats" },
  { to: "/uptime/status-page", label: "Status page" },
] as const;
