import { expect, it } from "vitest";
import { stepsOf } from "./steps";

it("a range has a place for each of its steps, the one that holds its start first, and never without end", () => {
  expect(stepsOf(61_000, 180_000, 60)).toEqual([60_000, 120_000]);
  expect(stepsOf(60_000, 180_001, 60)).toEqual([60_000, 120_000, 180_000]);
  expect(stepsOf(60_000, 60_000, 60)).toEqual([]);
  expect(stepsOf(60_000, 180_000, 0)).toEqual([]);
  expect(stepsOf(0, 1e12, 1)).toHaveLength(10_000);
});
