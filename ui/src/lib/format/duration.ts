import { NOT_MEASURED, threeDigits } from "./number";

type Maybe = number | null | undefined;

/** Integer nanoseconds → `850 ns`, `12.3 µs`, `245 ms`, `1.5 s`, `2 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function formatNanos(ns: Maybe): string {
  if (ns === null || ns === undefined || !Number.isFinite(ns)) return NOT_MEASURED;
  const size = Math.abs(ns);
  const sign = ns < 0 ? "−" : "";
  if (size === 0) return "0 ms";
  if (size < 999.5) return `${sign}${threeDigits(size)} ns`;
  if (size < 999.5e3) return `${sign}${threeDigits(size / 1e3)} µs`;
  if (size < 999.5e6) return `${sign}${threeDigits(size / 1e6)} ms`;
  if (size < 59.95e9) return `${sign}${threeDigits(size / 1e9)} s`;
  return sign + long(Math.round(size / 1e9));
}

/** A power of ten of nanoseconds, for a logarithmic axis: `100 s` and not `1 min 40 s`. */
export function formatDecade(ns: number): string {
  return ns < 1e9 ? formatNanos(ns) : `${ns / 1e9} s`;
}

function long(seconds: number): string {
  const pairs: [number, string, number, string][] = [
    [86400, "d", 3600, "h"],
    [3600, "h", 60, "min"],
    [60, "min", 1, "s"],
  ];
  for (const [big, bigName, small, smallName] of pairs) {
    if (seconds < big) continue;
    const rest = Math.floor((seconds % big) / small);
    return `${Math.floor(seconds / big)} ${bigName}${rest > 0 ? ` ${rest} ${smallName}` : ""}`;
  }
  return `${seconds} s`;
}

export function formatMillis(ms: Maybe): string {
  return formatNanos(ms === null || ms === undefined ? ms : ms * 1e6);
}

export function formatSeconds(seconds: Maybe): string {
  return formatNanos(seconds === null || seconds === undefined ? seconds : seconds * 1e9);
}
