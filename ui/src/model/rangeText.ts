import { formatShort, type Zone } from "@/lib/format";
import { isRelative, PRESETS, type RangeText } from "./range";

const WRITTEN = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;

/** What a person typed → what the API takes; null when it is no time. Times without zone are in the chosen one. */
export function readTime(text: string, zone: Zone): string | null {
  const trimmed = text.trim();
  if (isRelative(trimmed)) return trimmed;
  const match = WRITTEN.exec(trimmed);
  if (match) {
    const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0)) as number[];
    const parts = [year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0, second ?? 0] as const;
    const date = zone === "utc" ? new Date(Date.UTC(...parts)) : new Date(...parts);
    return Number.isNaN(date.getTime()) ? null : date.toISOString();
  }
  if (!/^\d{4}-.*(Z|[+-]\d\d:?\d\d)$/.test(trimmed)) return null;
  const ms = Date.parse(trimmed);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

/** The other way: for a field that one can edit. */
export function writeTime(text: string, zone: Zone): string {
  if (isRelative(text)) return text;
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return text;
  const local = zone === "utc" ? date : new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace("T", " ");
}

const UNIT: Record<string, string> = { s: "second", m: "minute", h: "hour", d: "day", w: "week" };

export function describeRange(range: RangeText, zone: Zone): string {
  if (range.end === "now") {
    const preset = PRESETS.find((one) => one.start === range.start);
    if (preset) return preset.label;
    const [, count, unit] = /^now-(.+)([smhdw])$/.exec(range.start) ?? [];
    if (count && unit) return count === "1" ? `Last ${UNIT[unit]}` : `Last ${count} ${UNIT[unit]}s`;
  }
  const side = (text: string) => (isRelative(text) ? text : formatShort(text, zone, true));
  return `${side(range.start)} – ${side(range.end)}`;
}
