/** The pages of the Metrics area, in the order of their row; the palette has them too. */
export const METRIC_VIEWS = [
  { to: "/explore", label: "Queries" },
  { to: "/explore/cardinality", label: "Cardinality" },
  { to: "/explore/targets", label: "Targets" },
] as const;
