/** Buckets over time from the series of a histogram. */
import { titleOf } from "./frames";
import type { LookedFrame } from "./looks";

export interface Heat {
  times: readonly number[];
  /** Upper bounds, the least first. */
  buckets: readonly string[];
  /** Place of the time, place of the bucket, count. */
  cells: readonly (readonly [number, number, number])[];
  most: number;
}

/** Series named by their upper bound; cumulative ones (classic `le`) are told apart from each other first. */
export function heatOf(frames: readonly LookedFrame[]): Heat {
  const series = frames.flatMap((frame) => {
    const time = frame.fields.find((field) => field.kind === "time");
    return frame.fields
      .filter((field) => field.kind === "number" && time)
      .map((field) => ({
        bound: field.labels?.["le"] ?? titleOf(field),
        cumulative: field.labels?.["le"] !== undefined,
        at: new Map(time?.values.map((at, index) => [Number(at), Number(field.values[index] ?? 0)])),
      }));
  });
  const size = (text: string) => (text === "+Inf" ? Infinity : Number(text));
  series.sort((a, b) => size(a.bound) - size(b.bound) || 0);
  const times = [...new Set(series.flatMap((one) => [...one.at.keys()]))].sort((a, b) => a - b);
  const cells: [number, number, number][] = [];
  let most = 0;
  series.forEach((one, bucket) => {
    const below = one.cumulative ? series[bucket - 1]?.at : undefined;
    times.forEach((time, x) => {
      const count = Math.max(0, (one.at.get(time) ?? 0) - (below?.get(time) ?? 0));
      if (count === 0) return;
      most = Math.max(most, count);
      cells.push([x, bucket, count]);
    });
  });
  return { times, buckets: series.map((one) => one.bound), cells, most };
}
