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

const STEPS_MAX = 5000;

/** A line through all steps of the range: where nothing came a rate is zero, and a duration is a gap. */
export function pointsOf(
  points: readonly RedPoint[],
  field: RedField,
  stepMs: number,
  startMs: number,
  endMs: number,
): [number, number | null][] {
  const first = points[0];
  if (!first || !(stepMs > 0) || (endMs - startMs) / stepMs > STEPS_MAX)
    return points.map((point) => [Date.parse(point.time), point[field]]);
  const known = new Map(points.map((point) => [Date.parse(point.time), point[field]]));
  const none = field === "rate" || field === "error_rate" ? 0 : null;
  const anchor = Date.parse(first.time);
  const filled: [number, number | null][] = [];
  for (let ms = anchor - Math.floor((anchor - startMs) / stepMs) * stepMs; ms < endMs; ms += stepMs)
    filled.push([ms, known.get(ms) ?? none]);
  return filled;
}

/** Where the last whole step ends: one that has only begun would look like a fall to nothing. */
export function wholeUntil(points: readonly RedPoint[], stepMs: number, endMs: number): number {
  return points.length > 2 ? endMs - stepMs + 1 : endMs;
}

/** The statement behind a service's chart; `STEP` in the figure stands for the seconds between two points. */
export function redSql(service: string, figure: string, stepSeconds: number, startMs: number, endMs: number): string {
  const name = service.replace(/\\/g, "\\\\").replace(/'/g, "\\'");
  const [from, to] = [Math.floor(startMs / 60_000) * 60, Math.ceil(endMs / 1000)];
  return `SELECT fromUnixTimestamp(intDiv(toUnixTimestamp(Minute), ${stepSeconds}) * ${stepSeconds}) AS time,
  ${figure.replace("STEP", String(stepSeconds))}
FROM service_red
WHERE ServiceName = '${name}' AND IsEntry
  AND Minute >= fromUnixTimestamp(${from}) AND Minute < fromUnixTimestamp(${to})
GROUP BY time ORDER BY time`;
}
