import { expect, test } from "vitest";
import type { Vital, VitalFigures } from "@/api/types";
import { lineOf, measuredIn, ratingHealth, sharesOf, vitalText } from "./vitals";

const figures: VitalFigures = {
  p75: 2600,
  count: 4,
  good: 2,
  needs_improvement: 1,
  poor: 1,
  rating: "needs-improvement",
};

test("shares are of all measurements, and of none where there are none", () => {
  expect(sharesOf(figures).map((one) => one.share)).toEqual([0.5, 0.25, 0.25]);
  expect(sharesOf({ ...figures, count: 0, good: 0 }).map((one) => one.share)).toEqual([0, 0, 0]);
  expect(ratingHealth(figures.rating)).toBe("warning");
});

test("CLS has no unit", () => {
  expect(vitalText("cls", 0.1234)).toBe("0.123");
  expect(vitalText("lcp", 2500)).toBe("2.5 s");
  expect(vitalText("inp", null)).toBe("–");
});

test("steps without a measurement are gaps", () => {
  const vital: Vital = {
    name: "lcp",
    good_to: 2500,
    poor_above: 4000,
    figures,
    previous_p75: null,
    points: [{ time: "1970-01-01T00:02:00.000000000Z", p75: 7, count: 1 }],
  };
  expect(lineOf(vital, 60, 61_000, 240_000)).toEqual([
    [60_000, null],
    [120_000, 7],
    [180_000, null],
  ]);
});

test("FID has a column where it was measured", () => {
  expect(measuredIn([{ route: "/", count: 1, vitals: {} }])).not.toContain("fid");
  expect(measuredIn([{ route: "/", count: 1, vitals: { fid: figures } }])).toContain("fid");
});
