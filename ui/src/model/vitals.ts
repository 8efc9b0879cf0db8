import type { RouteVitals, Vital, VitalFigures } from "@/api/types";
import { formatMillis, threeDigits } from "@/lib/format";
import type { Health } from "./red";
import { stepsOf } from "./steps";

export type VitalName = Vital["name"];
export const VITALS = ["lcp", "inp", "cls", "fcp", "ttfb", "fid"] as const satisfies readonly VitalName[];
export const FILTERS = ["service", "device", "browser", "release"] as const;
export type Filter = (typeof FILTERS)[number];

export const VITAL_WORDS: Record<VitalName, string> = {
  lcp: "Largest contentful paint",
  inp: "Interaction to next paint",
  cls: "Cumulative layout shift",
  fid: "First input delay",
  fcp: "First contentful paint",
  ttfb: "Time to first byte",
};

const HEALTHS: Record<VitalFigures["rating"], Health> = { good: "good", "needs-improvement": "warning", poor: "bad" };
export const RATING_WORDS: Record<VitalFigures["rating"], string> = {
  good: "good",
  "needs-improvement": "needs improvement",
  poor: "poor",
};

export function ratingHealth(rating: VitalFigures["rating"]): Health {
  return HEALTHS[rating];
}

/** Milliseconds; of CLS a score. */
export function vitalText(name: VitalName, value: number | null | undefined): string {
  if (value === null || value === undefined) return "–";
  return name === "cls" ? threeDigits(value) : formatMillis(value);
}

export interface Share {
  rating: VitalFigures["rating"];
  count: number;
  share: number;
}

/** How much of the measurements was what, the good first. */
export function sharesOf(figures: VitalFigures): Share[] {
  const parts: [VitalFigures["rating"], number][] = [
    ["good", figures.good],
    ["needs-improvement", figures.needs_improvement],
    ["poor", figures.poor],
  ];
  return parts.map(([rating, count]) => ({ rating, count, share: figures.count ? count / figures.count : 0 }));
}

/** A line through all steps of the range; where nothing was measured is a gap. */
export function lineOf(vital: Vital, stepSeconds: number, startMs: number, endMs: number): [number, number | null][] {
  const known = new Map(vital.points.map((point) => [Date.parse(point.time), point.p75]));
  return stepsOf(startMs, endMs, stepSeconds).map((ms) => [ms, known.get(ms) ?? null]);
}

/** Vitals that have a column: FID is measured by old SDKs alone. */
export function measuredIn(routes: readonly RouteVitals[]): VitalName[] {
  return VITALS.filter((name) => name !== "fid" || routes.some((one) => one.vitals[name] !== undefined));
}
