import type { QueryData } from "@/api/prometheus";
import type { Watched } from "@/api/types";

export const LINES_MAX = 20;

/** A range query's answer as lines; more than can be told apart are counted. */
export function watchedOf(
  query: string,
  operator: string | null,
  threshold: number | null,
  data: QueryData | undefined,
): Watched {
  const series = data?.resultType === "matrix" ? data.result : [];
  const lines = series.slice(0, LINES_MAX).map(({ metric, values = [] }) => ({
    labels: { ...metric },
    points: values.map(([at, value]) => ({ at, value: Number(value) })).filter(({ value }) => Number.isFinite(value)),
  }));
  return { query, operator, threshold, lines, more_lines: Math.max(0, series.length - LINES_MAX) };
}
