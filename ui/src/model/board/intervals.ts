/** `$__interval` and its like, as the server has them (server/dashboards/intervals.py). In milliseconds. */
import type { Variables } from "./interpolation";

/** What a panel without a least step of its own takes for how often its series are sampled. */
export const SCRAPE_MS = 15_000;
const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];

/** From so many milliseconds a point up, the step beside it is taken: Grafana's bounds, for an imported board's points. */
const STEPS: readonly (readonly [from: number, step: number])[] = [
  [0, 1],
  [10, 10],
  [15, 20],
  [35, 50],
  [75, 100],
  [150, 200],
  [350, 500],
  [750, SECOND],
  [1500, 2 * SECOND],
  [3500, 5 * SECOND],
  [7500, 10 * SECOND],
  [12_500, 15 * SECOND],
  [17_500, 20 * SECOND],
  [25_000, 30 * SECOND],
  [45_000, MINUTE],
  [90_000, 2 * MINUTE],
  [210_000, 5 * MINUTE],
  [450_000, 10 * MINUTE],
  [750_000, 15 * MINUTE],
  [1_050_000, 20 * MINUTE],
  [1_500_000, 30 * MINUTE],
  [2_700_000, HOUR],
  [5_400_000, 2 * HOUR],
  [9_000_000, 3 * HOUR],
  [16_200_000, 6 * HOUR],
  [32_400_000, 12 * HOUR],
  [86_400_000, DAY],
  [604_800_000, 7 * DAY],
  [1_814_400_000, 30 * DAY],
  [3_628_800_000, 365 * DAY],
];
const UNITS: readonly (readonly [string, number])[] = [
  ["w", 7 * DAY],
  ["d", DAY],
  ["h", HOUR],
  ["m", MINUTE],
  ["s", SECOND],
];

/** A round step at which a range has about so many points, and at least `leastMs`. */
export function intervalMs(rangeMs: number, points: number, leastMs: number): number {
  const wanted = rangeMs / Math.max(points, 1);
  const found = STEPS.findLast(([from]) => from <= wanted)?.[1] ?? 1;
  return Math.max(found, leastMs);
}

/** A window for `rate` that always holds enough samples: four scrapes, or a step and a scrape. */
export function rateIntervalMs(stepMs: number, scrapeMs = SCRAPE_MS): number {
  return Math.max(stepMs + scrapeMs, 4 * scrapeMs);
}

/** In the largest unit that holds it whole: `90s`, `2h`. */
export function durationText(ms: number): string {
  const unit = UNITS.find(([, size]) => ms > 0 && ms % size === 0);
  return unit ? `${ms / unit[1]}${unit[0]}` : `${ms}ms`;
}

const DURATION = /(\d+(?:\.\d+)?)(ms|[smhdwy])/g;
const SIZES: Record<string, number> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY, y: 365 * DAY };

/** Milliseconds of `30s`, `1h30m` or `>15s`; null where the text is no duration. */
export function durationMs(text: string): number | null {
  const parts = [...text.matchAll(DURATION)];
  if (parts.map((part) => part[0]).join("") !== text.trim().replace(/^>/, "") || parts.length === 0) return null;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (SIZES[unit ?? ""] ?? 0), 0);
}

export interface Window {
  startMs: number;
  endMs: number;
  /** How far apart points lie. */
  stepMs: number;
}

export function windowOf(startMs: number, endMs: number, points: number, leastMs = 0): Window {
  return { startMs, endMs, stepMs: intervalMs(endMs - startMs, points, leastMs || 1) };
}

/**
 * When a window's points lie, in seconds as Prometheus's API has them. Lines have whole steps, so that they do not tremble,
 * and the last one is over, so that none falls at its end; `toEnd` has the last step end with the window, to within a
 * scrape: for panels that show their last value, which would else be up to a step old.
 */
export function stepsOf(
  { startMs, endMs, stepMs }: Window,
  toEnd: boolean,
): { start: number; end: number; step: number } {
  const whole = (ms: number, grid: number) => (Math.floor(ms / grid) * grid) / 1000;
  const end = whole(endMs, toEnd ? Math.min(SCRAPE_MS, stepMs) : stepMs);
  const start = toEnd ? end - whole(endMs - startMs, stepMs) : whole(startMs, stepMs);
  return { start, end, step: stepMs / 1000 };
}

/** The variables that every panel has. `leastMs` is the panel's or the query's least step; 0 where it has none. */
export function builtIn({ startMs, endMs, stepMs }: Window, leastMs = 0): Variables {
  const rangeMs = endMs - startMs;
  const seconds = Math.max(1, Math.round(rangeMs / 1000));
  const rate = rateIntervalMs(Math.max(stepMs, leastMs || SCRAPE_MS), leastMs || SCRAPE_MS);
  const found: Record<string, string> = {
    __interval: durationText(stepMs),
    __interval_ms: String(stepMs),
    __rate_interval: durationText(rate),
    __rate_interval_ms: String(rate),
    __range: `${seconds}s`,
    __range_s: String(seconds),
    __range_ms: String(rangeMs),
    __from: String(startMs),
    __to: String(endMs),
  };
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, { values: [value] }]));
}
