/** Time ranges as the URL and the API write them: RFC 3339, or relative to now (`now-15m`). */
export interface RangeText {
  start: string;
  end: string;
}

export const DEFAULT_RANGE: RangeText = { start: "now-1h", end: "now" };

export const PRESETS: readonly { start: string; label: string }[] = [
  { start: "now-5m", label: "Last 5 minutes" },
  { start: "now-15m", label: "Last 15 minutes" },
  { start: "now-1h", label: "Last hour" },
  { start: "now-6h", label: "Last 6 hours" },
  { start: "now-24h", label: "Last 24 hours" },
  { start: "now-3d", label: "Last 3 days" },
  { start: "now-7d", label: "Last 7 days" },
  { start: "now-30d", label: "Last 30 days" },
];

const UNIT_MS: Record<string, number> = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7, w: 6.048e8 };
const RELATIVE = /^now(?:-(\d+(?:\.\d+)?)([smhdw]))?$/;

export function isRelative(text: string): boolean {
  return RELATIVE.test(text);
}

/** Milliseconds since 1970, or null where the text is no time. */
export function resolveTime(text: string, nowMs: number): number | null {
  const match = RELATIVE.exec(text);
  if (match) return nowMs - Number(match[1] ?? 0) * (UNIT_MS[match[2] ?? "s"] ?? 0);
  const ms = /^\d{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

export function resolveRange(range: RangeText, nowMs: number): { startMs: number; endMs: number } {
  const endMs = resolveTime(range.end, nowMs) ?? nowMs;
  const startMs = resolveTime(range.start, nowMs) ?? endMs - 3.6e6;
  return startMs < endMs ? { startMs, endMs } : { startMs: endMs, endMs: startMs + 1000 };
}

/** The next choice that looks back more than twice as far as a range that ends now; null when none does. */
export function longer(range: RangeText, nowMs: number): (typeof PRESETS)[number] | null {
  if (range.end !== "now") return null;
  const { startMs, endMs } = resolveRange(range, nowMs);
  return PRESETS.find((one) => nowMs - (resolveTime(one.start, nowMs) ?? nowMs) > 2 * (endMs - startMs)) ?? null;
}

export function absoluteRange(startMs: number, endMs: number): RangeText {
  return { start: new Date(startMs).toISOString(), end: new Date(Math.max(endMs, startMs + 1)).toISOString() };
}

/** Twice as wide around the same middle, never past now. */
export function widen(range: RangeText, nowMs: number): RangeText {
  const { startMs, endMs } = resolveRange(range, nowMs);
  const half = (endMs - startMs) / 2;
  return absoluteRange(startMs - half, Math.min(endMs + half, nowMs));
}

/** The same length right before, or right after. */
export function shift(range: RangeText, direction: -1 | 1, nowMs: number): RangeText {
  const { startMs, endMs } = resolveRange(range, nowMs);
  const length = endMs - startMs;
  return absoluteRange(startMs + direction * length, endMs + direction * length);
}
