import { expect, it } from "vitest";
import { hasLegend } from "./plots";

it("has no legend for one line without a name, unless figures stand in it", () => {
  const unnamed = [{ name: "Value" }];
  expect(hasLegend({}, unnamed)).toBe(false);
  expect(hasLegend({ mode: "table" }, unnamed)).toBe(true);
  expect(hasLegend({ calculations: ["max"] }, unnamed)).toBe(true);
  expect(hasLegend({}, [{ name: "api" }])).toBe(true);
  expect(hasLegend({ show: false }, [{ name: "api" }])).toBe(false);
  expect(hasLegend({}, [])).toBe(false);
});
