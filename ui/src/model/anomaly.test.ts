import { describe, expect, it } from "vitest";
import type { AnomalyPoint, AnomalySeries } from "@/api/types";
import { anomalyBand, bandBeginsMs, chosenSeries, keyOf, standingOf } from "./anomaly";

const point = (at: number, observed: number | null, band = true): AnomalyPoint => ({
  ...{ at, observed, expected: band ? 10 : null, lower: band ? 5 : null, upper: band ? 15 : null },
});
const series = (queue: string, points: AnomalyPoint[], learning = false): AnomalySeries => ({
  ...{ labels: { queue }, points },
  learning: learning ? { since: "", hours: 5, hours_needed: 24, ready_at: "" } : null,
});
const usual = series("usual", [point(1, 10), point(2, 12)]);
const above = series("above", [point(1, 10), point(2, 90), point(3, null)]);
const young = series("young", [point(1, 10, false)], true);

describe("series of an anomaly rule", () => {
  it.each([
    [usual, "usual"],
    [above, "above"],
    [series("below", [point(1, 4)]), "below"],
    [young, "learning"],
    [series("bare", [point(1, 4, false)]), "no band"],
    [series("gone", [point(1, null)]), "no data"],
  ])("%# stands by its newest point", (one, standing) => expect(standingOf(one)).toBe(standing));

  it("are chosen by the address, else by what is wrong with them", () => {
    expect(chosenSeries([young, usual, above], keyOf(young))).toBe(young);
    expect(chosenSeries([young, usual, above], undefined)).toBe(above);
    expect(chosenSeries([young, usual], '{queue="of yesterday"}')).toBe(usual);
    expect(chosenSeries([young], undefined)).toBe(young);
    expect(chosenSeries([], undefined)).toBeUndefined();
  });

  it("are marked where they are outside", () => {
    expect(anomalyBand(above, "").outside).toEqual([
      [1000, null],
      [2000, 90],
      [3000, null],
    ]);
  });

  it("say when their band begins, where that is later than they do", () => {
    expect(bandBeginsMs(usual)).toBeNull();
    expect(bandBeginsMs(young)).toBeNull();
    expect(bandBeginsMs(series("late", [point(1, 1, false), point(2, 1, false), point(3, 1)]))).toBe(3000);
  });
});
