import type { Red, RedPoint } from "@/api/types";

/** From this share of failed requests on a service wants attention, and is in trouble. Alert rules refine this later. */
export const ERROR_RATIO_WARNING = 0.01;
export const ERROR_RATIO_BAD = 0.05;

export type Health = "good" | "warning" | "bad" | "idle";

export function healthOf(red: Pick<Red, "requests" | "error_ratio">): Health {
  if (red.requests === 0) return "idle";
  if (red.error_ratio >= ERROR_RATIO_BAD) return "bad";
  return red.error_ratio >= ERROR_RATIO_WARNING ? "warning" : "good";
}

export const HEALTH_WORD: Record<Health, string> = {
  good: "well",
  warning: "some errors",
  bad: "failing",
  idle: "no requests",
};

export type RedField = "rate" | "error_rate" | "p50_ms" | "p95_ms" | "p99_ms";

export function pointsOf(points: readonly RedPoint[], field: RedField): [number, number | null][] {
  return points.map((point) => [Date.parse(point.time), point[field]]);
}
