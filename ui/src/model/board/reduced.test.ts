import { expect, it } from "vitest";
import { trendOf } from "./reduced";

it("draws behind a single value what is a finite number", () => {
  expect(trendOf({ values: [NaN, 1, null, Infinity, "x", 2] })).toEqual([1, 2]);
});
