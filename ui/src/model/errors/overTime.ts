import type { ErrorsOverTime, Trend } from "@/api/types";
import { stepsOf } from "../steps";

export interface Counted {
  name: string;
  points: (readonly [number, number | null])[];
  total: number;
}

/** What is drawn, the commonest first, and how many there are altogether. Values that are empty have a name of their own. */
export function seriesOf(found: ErrorsOverTime | undefined): { series: Counted[]; total: number } {
  if (!found) return { series: [], total: 0 };
  const startMs = Date.parse(found.start);
  const series = Object.entries(found.series)
    .map(([name, counts]) => ({
      name: name || "(none)",
      points: counts.map((count, at) => [startMs + at * found.step_seconds * 1000, count] as const),
      total: counts.reduce((sum, count) => sum + count, 0),
    }))
    .sort((a, b) => Number(a.name === "other") - Number(b.name === "other") || b.total - a.total);
  return { series, total: series.reduce((sum, one) => sum + one.total, 0) };
}

/** Events of an issue with zeros where none came: what is not told of did not happen. */
export function trendPoints(found: Trend | undefined, startMs: number, endMs: number): [number, number][] {
  if (!found) return [];
  const counts = new Map(found.points.map((one) => [Date.parse(one.time), one.events]));
  return stepsOf(startMs, endMs, found.step_seconds).map((at) => [at, counts.get(at) ?? 0]);
}
