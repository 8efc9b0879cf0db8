/** More than a chart is asked for; a step that is nonsense ends here. */
const STEPS_MAX = 10_000;

/** Where the steps of a range begin, from the one that holds its start: what is told by step has a place for each. */
export function stepsOf(startMs: number, endMs: number, stepSeconds: number): number[] {
  const stepMs = stepSeconds * 1000;
  const steps: number[] = [];
  for (let ms = Math.floor(startMs / stepMs) * stepMs; ms < endMs && steps.length < STEPS_MAX; ms += stepMs)
    steps.push(ms);
  return steps;
}
