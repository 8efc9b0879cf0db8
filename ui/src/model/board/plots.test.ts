import { expect, it } from "vitest";
import { topOfShares } from "./plots";

it.each([
  [{ min: 0, max: 0 }, 1],
  [{ min: 0.5, max: 1 }, 1],
  [{ min: 0, max: 0.9 }, 1],
  [{ min: 0, max: 0.02 }, null],
  [{ min: 0, max: 1.5 }, null],
])("an axis of shares from %o ends at %o", (range, top) => {
  expect(topOfShares(range)).toBe(top);
});
