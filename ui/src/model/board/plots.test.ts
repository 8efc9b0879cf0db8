import { expect, it } from "vitest";
import { hasLegend, topOfShares } from "./plots";

it.each([
  [{ min: 0, max: 0 }, 1],
  [{ min: 0.5, max: 1 }, 1],
  [{ min: 0, max: 0.9 }, 1],
  [{ min: 0, max: 0.02 }, null],
  [{ min: 0, max: 1.5 }, null],
])("an axis of shares from %o ends at %o", (range, top) => {
  expect(topOfShares(range)).toBe(top);
});

it("has no legend for one line without a name, unless figures stand in it", () => {
  const unnamed = [{ name: "Value" }];
  expect(hasLegend({}, unnamed)).toBe(false);
  expect(hasLegend({ mode: "table" }, unnamed)).toBe(true);
  expect(hasLegend({ calculations: ["max"] }, unnamed)).toBe(true);
  expect(hasLegend({}, [{ name: "api" }])).toBe(true);
  expect(hasLegend({ show: false }, [{ name: "api" }])).toBe(false);
  expect(hasLegend({}, [])).toBe(false);
});
