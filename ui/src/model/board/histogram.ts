/** How often values fall into buckets: from the values of series, or from a histogram's own buckets. */
import type { BoardField } from "@/api/types";
import { titleOf } from "./frames";
import type { Looked, LookedFrame } from "./looks";

export interface Bars {
  name: string;
  look: BoardField;
  /** One a bucket. */
  counts: readonly number[];
}

export interface Buckets {
  /** From the least bound to the greatest: one more than there are buckets; the last may be infinite. */
  bounds: readonly number[];
  bars: readonly Bars[];
}

export interface BucketOptions {
  count?: number | null;
  size?: number | null;
  offset?: number | null;
  /** All fields as one. */
  combine?: boolean;
}

/** What Grafana aims at where nothing is said. */
const COUNT = 30;
/** More bars than this cannot be told apart; wider buckets are taken then. */
const BUCKETS_MAX = 500;
const NONE: Buckets = { bounds: [], bars: [] };

export function bucketsOf(frames: readonly LookedFrame[], options: BucketOptions): Buckets {
  const fields = frames.flatMap((frame) => frame.fields.filter((field) => field.kind === "number"));
  if (fields.length > 0 && fields.every((field) => field.labels?.["le"] !== undefined)) return classic(fields);
  return counted(fields, options);
}

/** Cumulative counts by `le`, each the newest of its series; those of several series of a bound are one. */
function classic(fields: readonly Looked[]): Buckets {
  const counts = new Map<number, number>();
  for (const field of fields) {
    const text = field.labels?.["le"] ?? "";
    const bound = text === "+Inf" ? Infinity : Number(text);
    const value = field.values.findLast((one) => typeof one === "number" && Number.isFinite(one));
    if (!Number.isNaN(bound) && typeof value === "number") counts.set(bound, (counts.get(bound) ?? 0) + value);
  }
  const bounds = [...counts.keys()].sort((a, b) => a - b);
  const [least] = bounds;
  if (least === undefined) return NONE;
  const of = (at: number) => counts.get(bounds[at] ?? NaN) ?? 0;
  return {
    bounds: [Math.min(0, least), ...bounds],
    bars: [
      {
        name: "Count",
        look: fields[0]?.look ?? {},
        counts: bounds.map((_, at) => Math.max(0, of(at) - (at > 0 ? of(at - 1) : 0))),
      },
    ],
  };
}

function counted(fields: readonly Looked[], options: BucketOptions): Buckets {
  const numbers = fields.map((field) => ({ field, values: field.values.filter(isNumber) }));
  const all = numbers.flatMap(({ values }) => values);
  const [least, greatest] = [
    all.reduce((a, b) => Math.min(a, b), Infinity),
    all.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
  if (all.length === 0) return NONE;
  const size = sizeOf(greatest - least, options);
  const offset = options.offset ?? 0;
  const placeOf = (value: number) => Math.floor((value - offset) / size + 1e-9);
  const [first, last] = [placeOf(least), placeOf(greatest)];
  const count = (values: readonly number[]) => {
    const counts = new Array<number>(last - first + 1).fill(0);
    for (const value of values) counts[placeOf(value) - first] = (counts[placeOf(value) - first] ?? 0) + 1;
    return counts;
  };
  return {
    bounds: Array.from({ length: last - first + 2 }, (_, at) => rounded((first + at) * size + offset)),
    bars: options.combine
      ? [{ name: "Count", look: fields[0]?.look ?? {}, counts: count(all) }]
      : numbers.map(({ field, values }) => ({ name: titleOf(field), look: field.look, counts: count(values) })),
  };
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** What was asked for; else 1, 2 or 5 times a power of ten, so that there are about as many buckets as wanted. */
function sizeOf(spread: number, { size, count }: BucketOptions): number {
  const least = spread / BUCKETS_MAX;
  if (size && size > 0) return Math.max(size, least);
  const wanted = spread / Math.max(1, count ?? COUNT);
  if (!(wanted > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return Math.max(power * ([1, 2, 5, 10].find((one) => one * power >= wanted * (1 - 1e-9)) ?? 10), least);
}

/** Without the tail that adding in binary leaves. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
