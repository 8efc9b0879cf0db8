import type { Zone } from "@/lib/format";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Steps that people count in, in milliseconds; below ten seconds it is 1, 2, 5 and their tens and hundreds. */
const LONG_STEPS = [
  ...[10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((count) => count * DAY),
];
const SHORTEST_MS = 1e-6;

/** The smallest round step that fits at most `most` times into a span. */
export function roundStep(spanMs: number, most: number): number {
  const least = spanMs / Math.max(1, most);
  if (!(least > SHORTEST_MS)) return SHORTEST_MS;
  if (least <= 5 * SECOND) {
    const decade = 10 ** Math.floor(Math.log10(least) + 1e-9);
    // 10 times 0.000001 is not quite 0.00001.
    const fits = [1, 2, 5, 10].find((count) => count * decade >= least * (1 - 1e-9)) ?? 10;
    return fits * decade;
  }
  return LONG_STEPS.find((step) => step >= least) ?? Math.ceil(least / (365 * DAY)) * 365 * DAY;
}

/** Few round times within a range, as the zone's clock counts them. */
export function timeTicks(startMs: number, endMs: number, most: number, zone: Zone): number[] {
  if (!(endMs > startMs)) return [];
  const step = Math.max(1, roundStep(endMs - startMs, most));
  const ahead = zone === "utc" ? 0 : -new Date(startMs).getTimezoneOffset() * MINUTE;
  const ticks: number[] = [];
  for (let at = Math.ceil((startMs + ahead) / step) * step - ahead; at <= endMs; at += step) ticks.push(at);
  return ticks;
}

/** Whether all values are whole numbers, as counts are: their axis has no ticks between two of them. */
export function isCounted(points: readonly (readonly [number, number | null])[]): boolean {
  return points.every(([, value]) => value === null || Number.isInteger(value));
}

/** Few round durations within a span of nanoseconds, counted from zero. */
export function durationTicks(fromNs: number, toNs: number, most: number): number[] {
  if (!(toNs > fromNs)) return [];
  const step = Math.max(1, Math.round(roundStep((toNs - fromNs) / 1e6, most) * 1e6));
  const ticks: number[] = [];
  for (let at = Math.ceil(fromNs / step) * step; at <= toNs; at += step) ticks.push(at);
  return ticks;
}
