import { listOf, numberOf, oneOf } from "@/app/search";

export const VIEWS = ["chart", "table"] as const;
export type View = (typeof VIEWS)[number];

export interface MetricsSearch {
  /** The queries that were run, one a panel. */
  expr?: string[];
  view?: View;
  /** Seconds; none: as the range wants it. */
  step?: number;
}

export function validateMetrics(raw: Record<string, unknown>): MetricsSearch {
  return {
    expr: listOf(raw, "expr"),
    view: oneOf(raw, "view", VIEWS),
    step: numberOf(raw, "step"),
  };
}
