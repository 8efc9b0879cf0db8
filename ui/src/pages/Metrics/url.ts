import { listOf, numberOf, oneOf, textOf } from "@/app/search";

export const VIEWS = ["chart", "table", "cardinality"] as const;
export type View = (typeof VIEWS)[number];

export interface MetricsSearch {
  /** The queries that were run, one a panel. */
  expr?: string[];
  view?: View;
  /** Seconds; none: as the range wants it. */
  step?: number;
  /** Chosen among what makes the most series. */
  metric?: string;
}

export function validateMetrics(raw: Record<string, unknown>): MetricsSearch {
  return {
    expr: listOf(raw, "expr"),
    view: oneOf(raw, "view", VIEWS),
    step: numberOf(raw, "step"),
    metric: textOf(raw, "metric"),
  };
}
