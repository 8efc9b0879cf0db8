import { expect, test } from "vitest";
import { SCRAPE_MS, stepsOf } from "./intervals";

const MINUTE = 60_000;
const midnight = Date.UTC(2026, 0, 1);
/** A day up to 12:03:20, a point every five minutes. */
const day = { startMs: midnight - 12 * 60 * MINUTE, endMs: midnight + 12 * 60 * MINUTE + 200_000, stepMs: 5 * MINUTE };

test("lines have whole steps, and the last one is over", () => {
  const { start, end, step } = stepsOf(day, false);
  expect(step).toBe(300);
  expect([start % step, end % step]).toEqual([0, 0]);
  expect(day.endMs / 1000 - end).toBe(200);
});

test("what shows its last value is asked up to the window's end", () => {
  const { start, end, step } = stepsOf(day, true);
  expect(day.endMs / 1000 - end).toBeLessThan(SCRAPE_MS / 1000);
  expect((end - start) % step).toBe(0);
  expect(start).toBeLessThanOrEqual(day.startMs / 1000 + step);
});

test("steps shorter than a scrape end whole, too", () => {
  expect(stepsOf({ startMs: 0, endMs: 10_500, stepMs: 1000 }, true)).toEqual({ start: 0, end: 10, step: 1 });
});
