/** Stretches of time in which a value stays the same. */
export interface State {
  startMs: number;
  endMs: number;
  value: unknown;
}

/** A value holds until the next one, or for a step where none comes; no value is a gap. */
export function statesOf(
  times: readonly number[],
  values: readonly unknown[],
  stepMs: number,
  endMs: number,
  merge: boolean,
): State[] {
  const found: State[] = [];
  times.forEach((startMs, at) => {
    const value = values[at];
    if (value === null || value === undefined) return;
    const until = Math.min(times[at + 1] ?? startMs + stepMs, endMs);
    const before = found[found.length - 1];
    if (merge && before?.value === value && before.endMs >= startMs) before.endMs = until;
    else if (until > startMs) found.push({ startMs, endMs: until, value });
  });
  return found;
}
