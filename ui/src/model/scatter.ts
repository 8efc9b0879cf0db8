/** Between the scatter's pixels and what they mean: time goes from left to right, duration up on a logarithmic scale. */
export interface Plane {
  startMs: number;
  endMs: number;
  /** Powers of ten of nanoseconds at the lower and the upper edge. */
  low: number;
  high: number;
  width: number;
  height: number;
}

const SHORTEST_NS = 1000;
const EDGE = 8;

export function planeOf(durationsNs: readonly number[], startMs: number, endMs: number, width: number, height: number) {
  let shortest = Infinity;
  let longest = SHORTEST_NS;
  for (const ns of durationsNs) {
    shortest = Math.min(shortest, Math.max(SHORTEST_NS, ns));
    longest = Math.max(longest, ns);
  }
  const low = Math.floor(Math.log10(Math.min(shortest, longest)));
  return { startMs, endMs, low, high: Math.max(low + 1, Math.ceil(Math.log10(longest))), width, height };
}

/** The range; or, where the traces fill less than a quarter of it (the newest of many), only what they fill. */
export function timesOf(
  startsMs: readonly number[],
  startMs: number,
  endMs: number,
): { startMs: number; endMs: number } {
  let first = Infinity;
  let last = -Infinity;
  for (const ms of startsMs) {
    first = Math.min(first, ms);
    last = Math.max(last, ms);
  }
  const margin = Math.max(1, (last - first) * 0.02);
  return last - first > 0 && last - first < (endMs - startMs) / 4
    ? { startMs: first - margin, endMs: last + margin }
    : { startMs, endMs };
}

export function placeOf(plane: Plane, atMs: number, ns: number): { x: number; y: number } {
  const share = (Math.log10(Math.max(SHORTEST_NS, ns)) - plane.low) / (plane.high - plane.low);
  const x = ((atMs - plane.startMs) / (plane.endMs - plane.startMs)) * plane.width;
  return { x: Math.min(plane.width, Math.max(0, x)), y: plane.height - EDGE - share * (plane.height - 2 * EDGE) };
}

export interface Selection {
  startMs: number;
  endMs: number;
  /** Milliseconds; nothing where the box reaches the edge. */
  min?: number;
  max?: number;
}

/** What a box drawn over the plane selects. */
export function selected(plane: Plane, from: { x: number; y: number }, to: { x: number; y: number }): Selection {
  const timeAt = (x: number) => plane.startMs + (x / plane.width) * (plane.endMs - plane.startMs);
  const durationAt = (y: number) => {
    const share = (plane.height - EDGE - y) / (plane.height - 2 * EDGE);
    return Number((10 ** (plane.low + share * (plane.high - plane.low)) / 1e6).toPrecision(3));
  };
  const [top, bottom] = [Math.min(from.y, to.y), Math.max(from.y, to.y)];
  return {
    startMs: timeAt(Math.max(0, Math.min(from.x, to.x))),
    endMs: timeAt(Math.min(plane.width, Math.max(from.x, to.x))),
    ...(bottom < plane.height - EDGE ? { min: durationAt(bottom) } : {}),
    ...(top > EDGE ? { max: durationAt(top) } : {}),
  };
}
