import { NOT_MEASURED } from "./number";

export type Zone = "local" | "utc";
type Time = string | number | null | undefined;

function toDate(time: Time): Date | null {
  if (time === null || time === undefined || time === "") return null;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? null : date;
}

const two = (value: number) => String(value).padStart(2, "0");

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  ms: number;
}

function partsOf(date: Date, zone: Zone): Parts {
  return zone === "utc"
    ? {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
        second: date.getUTCSeconds(),
        ms: date.getUTCMilliseconds(),
      }
    : {
        year: date.getFullYear(),
        month: date.getMonth() + 1,
        day: date.getDate(),
        hour: date.getHours(),
        minute: date.getMinutes(),
        second: date.getSeconds(),
        ms: date.getMilliseconds(),
      };
}

/** `UTC`, `UTC+2`, `UTC−3:30`: the zone's offset at that time. */
export function zoneName(zone: Zone, at: Date = new Date()): string {
  const minutes = zone === "utc" ? 0 : -at.getTimezoneOffset();
  if (minutes === 0) return "UTC";
  const size = Math.abs(minutes);
  return `UTC${minutes > 0 ? "+" : "−"}${Math.floor(size / 60)}${size % 60 ? `:${two(size % 60)}` : ""}`;
}

/** `2026-11-20 22:57:07.123 UTC`: for details and hover. */
export function formatAbsolute(time: Time, zone: Zone): string {
  const date = toDate(time);
  if (!date) return NOT_MEASURED;
  const p = partsOf(date, zone);
  const ms = String(p.ms).padStart(3, "0");
  return `${p.year}-${two(p.month)}-${two(p.day)} ${two(p.hour)}:${two(p.minute)}:${two(p.second)}.${ms} ${zoneName(zone, date)}`;
}

/** `22:57:07.123`: for lists whose day is known. */
export function formatClock(time: Time, zone: Zone): string {
  const date = toDate(time);
  if (!date) return NOT_MEASURED;
  const p = partsOf(date, zone);
  return `${two(p.hour)}:${two(p.minute)}:${two(p.second)}.${String(p.ms).padStart(3, "0")}`;
}

/** `Nov 20`. */
export function formatDay(time: Time, zone: Zone): string {
  return formatShort(time, zone).replace(/ \S+$/, "");
}

/** `Nov 20 22:57` or, for seconds, `Nov 20 22:57:07`. */
export function formatShort(time: Time, zone: Zone, seconds = false): string {
  const date = toDate(time);
  if (!date) return NOT_MEASURED;
  const p = partsOf(date, zone);
  const month = date.toLocaleString("en-US", { month: "short", ...(zone === "utc" ? { timeZone: "UTC" } : {}) });
  return `${month} ${p.day} ${two(p.hour)}:${two(p.minute)}${seconds ? `:${two(p.second)}` : ""}`;
}

/** An axis label: the clock within a day, the date at midnight or over longer ranges. */
export function formatTick(ms: number, rangeMs: number, zone: Zone): string {
  const p = partsOf(new Date(ms), zone);
  const midnight = p.hour === 0 && p.minute === 0 && p.second === 0;
  if (rangeMs > 3 * 8.64e7 || (midnight && rangeMs > 4.32e7)) return `${two(p.month)}-${two(p.day)}`;
  if (rangeMs <= 5000) return `${two(p.hour)}:${two(p.minute)}:${two(p.second)}.${String(p.ms).padStart(3, "0")}`;
  return rangeMs <= 6e5 ? `${two(p.hour)}:${two(p.minute)}:${two(p.second)}` : `${two(p.hour)}:${two(p.minute)}`;
}

const AGO: readonly [number, string][] = [
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

/** `2 min ago`, `in 5 s`, `now`. */
export function formatRelative(time: Time, nowMs: number): string {
  const date = toDate(time);
  if (!date) return NOT_MEASURED;
  const seconds = Math.round((nowMs - date.getTime()) / 1000);
  const size = Math.abs(seconds);
  if (size < 2) return "now";
  for (const [unit, name] of AGO) {
    if (size < unit) continue;
    const text = `${Math.floor(size / unit)} ${name}`;
    return seconds > 0 ? `${text} ago` : `in ${text}`;
  }
  return "now";
}
