import type { SeriesLabel } from "@/api/types";

const PLAIN_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const PLAIN_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** As many series as a chart draws with legible lines. */
const DRAWN_MAX = 500;
const LISTED = 50;

/** All series of a metric in PromQL, whatever its name holds. */
export function selectorOf(metric: string): string {
  return PLAIN_METRIC.test(metric) ? metric : `{${JSON.stringify(metric)}}`;
}

/** The metric to look at: all of its series, or the greatest where there are too many to draw. */
export function chartQuery(metric: string, series: number): string {
  const all = selectorOf(metric);
  return series > DRAWN_MAX ? `topk(${LISTED}, ${all})` : all;
}

/** Which values of a label have the most series of a metric now. */
export function valuesQuery(metric: string, label: string): string {
  const by = PLAIN_LABEL.test(label) ? label : JSON.stringify(label);
  return `topk(${LISTED}, count by (${by}) (${selectorOf(metric)}))`;
}

/** The labels without which the fewest series are left first; those that were not tried last, by their values. */
export function worstFirst(labels: readonly SeriesLabel[]): SeriesLabel[] {
  const left = (label: SeriesLabel) => label.series_without ?? Infinity;
  // Infinity from Infinity is no number, and no order.
  return [...labels].sort((a, b) => (left(a) === left(b) ? b.values - a.values : left(a) - left(b)));
}
