import type { AnomalyPoint, AnomalySeries } from "@/api/types";
import type { ChartBand, ChartSeries } from "@/components/Chart";
import type { Health } from "./red";
import { selectorOf } from "./series";

export type Standing = "above" | "below" | "usual" | "learning" | "no band" | "no data";

export const STANDING_HEALTH: Record<Standing, Health> = {
  above: "bad",
  below: "bad",
  usual: "good",
  learning: "idle",
  "no band": "idle",
  "no data": "idle",
};

/** How a series is at its newest point, beside what is expected of it. */
export function standingOf(series: AnomalySeries): Standing {
  const last = lastOf(series);
  if (!last) return "no data";
  if (isAbove(last)) return "above";
  if (isBelow(last)) return "below";
  if (last.upper !== null) return "usual";
  return series.learning ? "learning" : "no band";
}

/** The newest point at which something was observed. */
export function lastOf(series: AnomalySeries): AnomalyPoint | undefined {
  return series.points.findLast((point) => point.observed !== null);
}

/** The series that is asked for; else one that is outside, else one that has a band at all, else the first. */
export function chosenSeries(all: readonly AnomalySeries[], key: string | undefined): AnomalySeries | undefined {
  const standings = all.map(standingOf);
  const outside = standings.findIndex((one) => one === "above" || one === "below");
  const usual = standings.indexOf("usual");
  return all.find((one) => keyOf(one) === key) ?? all[outside] ?? all[usual] ?? all[0];
}

/** As the address writes a series. */
export function keyOf(series: AnomalySeries): string {
  return selectorOf(series.labels);
}

/** The observed line and the expected one. */
export function anomalyLines(series: AnomalySeries, name: string, color: string): ChartSeries[] {
  return [
    { name, color, points: pointsOf(series, (point) => point.observed) },
    { name: "expected", color: "var(--text-soft)", dashed: true, points: pointsOf(series, (point) => point.expected) },
  ];
}

export function anomalyBand(series: AnomalySeries, color: string): ChartBand {
  return {
    name: "usual range",
    color,
    lower: pointsOf(series, (point) => point.lower),
    upper: pointsOf(series, (point) => point.upper),
    outside: pointsOf(series, (point) => (isAbove(point) || isBelow(point) ? point.observed : null)),
  };
}

/** When the band begins, where it begins after the line does; null: it is there all along, or not at all. */
export function bandBeginsMs(series: AnomalySeries): number | null {
  const first = series.points.findIndex((point) => point.observed !== null);
  const banded = series.points.findIndex((point) => point.upper !== null);
  const begin = series.points[banded];
  return begin && banded > first + 1 ? begin.at * 1000 : null;
}

function isAbove({ observed, upper }: AnomalyPoint): boolean {
  return observed !== null && upper !== null && observed > upper;
}

function isBelow({ observed, lower }: AnomalyPoint): boolean {
  return observed !== null && lower !== null && observed < lower;
}

function pointsOf(series: AnomalySeries, value: (point: AnomalyPoint) => number | null): [number, number | null][] {
  return series.points.map((point) => [point.at * 1000, value(point)]);
}
