/** Numbers for people: three significant digits and a unit. Exact values belong on hover. */
export const NOT_MEASURED = "–";

type Maybe = number | null | undefined;

function missing(value: Maybe): value is null | undefined {
  return value === null || value === undefined || !Number.isFinite(value);
}

/** Three significant digits, without exponent and without trailing zeros after the point. */
export function threeDigits(value: number): string {
  if (value === 0) return "0";
  const rounded = Number(value.toPrecision(3));
  const size = Math.abs(rounded);
  if (size >= 1000) return String(Math.round(value));
  if (size >= 100) return String(Math.round(rounded));
  const digits = Math.min(20, Math.max(0, 2 - Math.floor(Math.log10(size))));
  return rounded.toFixed(digits).replace(/\.?0+$/, "");
}

const COUNT_STEPS: readonly [number, string][] = [
  [1e12, " T"],
  [1e9, " G"],
  [1e6, " M"],
  [1e3, " k"],
];

function stepped(value: number, steps: readonly [number, string][], last: string): string {
  for (const [size, unit] of steps) {
    // 999.6 rounds to 1000, which is the next unit's 1.
    if (Math.abs(Number(value.toPrecision(3))) >= size) return `${threeDigits(value / size)}${unit}`;
  }
  return `${threeDigits(value)}${last}`;
}

/** 1234567 → `1.23 M`; whole numbers below 1,000 stay as they are. */
export function formatCount(value: Maybe): string {
  return missing(value) ? NOT_MEASURED : stepped(value, COUNT_STEPS, "");
}

/** 1234567 → `1,234,567`. */
export function formatExact(value: Maybe): string {
  return missing(value) ? NOT_MEASURED : value.toLocaleString("en-US", { maximumFractionDigits: 6 });
}

/** Per second to the unit that reads best: `12.3/s`, `4.2/min`. */
export function formatRate(perSecond: Maybe): string {
  if (missing(perSecond)) return NOT_MEASURED;
  if (perSecond === 0) return "0/s";
  if (Math.abs(perSecond) >= 1) return `${formatCount(perSecond)}/s`;
  if (Math.abs(perSecond) * 60 >= 0.1) return `${threeDigits(perSecond * 60)}/min`;
  return `${threeDigits(perSecond * 3600)}/h`;
}

/** A share of 0 … 1 as per cent; what is there but tiny never reads as zero. */
export function formatShare(ratio: Maybe): string {
  if (missing(ratio)) return NOT_MEASURED;
  const percent = ratio * 100;
  if (percent === 0) return "0 %";
  if (Math.abs(percent) < 0.001) return "< 0.001 %";
  if (ratio < 1 && percent > 99.9) return "> 99.9 %";
  return `${threeDigits(percent)} %`;
}

const BYTE_STEPS: readonly [number, string][] = [
  [2 ** 40, " TiB"],
  [2 ** 30, " GiB"],
  [2 ** 20, " MiB"],
  [2 ** 10, " KiB"],
];

export function formatBytes(bytes: Maybe): string {
  return missing(bytes) ? NOT_MEASURED : stepped(bytes, BYTE_STEPS, " B");
}

/** Change against before, signed: `+12.5 %`; null where there is nothing to compare with. */
export function formatChange(now: Maybe, before: Maybe): string | null {
  if (missing(now) || missing(before) || before === 0) return null;
  const share = (now - before) / before;
  if (Math.abs(share) < 0.0005) return "±0 %";
  if (share > 9.99) return `×${threeDigits(now / before)}`;
  return `${share > 0 ? "+" : "−"}${threeDigits(Math.abs(share) * 100)} %`;
}
