import { describe, expect, it } from "vitest";
import { placeOf, planeOf, selected, timesOf } from "./scatter";

const plane = planeOf([2e6, 900e6], 0, 1000, 500, 116);

describe("the scatter's plane", () => {
  it("reaches from the power of ten below the shortest to the one above the longest", () => {
    expect([plane.low, plane.high]).toEqual([6, 9]);
    expect(planeOf([1e6], 0, 1, 1, 1)).toMatchObject({ low: 6, high: 7 });
    expect(planeOf([], 0, 1, 1, 1)).toMatchObject({ low: 3, high: 4 });
  });

  it("shows the whole range, or what the traces fill of it where that is little", () => {
    expect(timesOf([100, 900], 0, 1000)).toEqual({ startMs: 0, endMs: 1000 });
    expect(timesOf([900, 950], 0, 1000)).toEqual({ startMs: 899, endMs: 951 });
    expect(timesOf([900], 0, 1000)).toEqual({ startMs: 0, endMs: 1000 });
  });

  it("places times from left to right and durations by their logarithm", () => {
    expect(placeOf(plane, 500, 1e6)).toEqual({ x: 250, y: 108 });
    expect(placeOf(plane, 2000, 1e9)).toEqual({ x: 500, y: 8 });
  });

  it("reads a box back as time and duration, in whichever corner it began", () => {
    const [a, b] = [placeOf(plane, 100, 10e6), placeOf(plane, 300, 100e6)];
    expect(selected(plane, a, b)).toEqual({ startMs: 100, endMs: 300, min: 10, max: 100 });
    expect(selected(plane, b, a)).toEqual(selected(plane, a, b));
  });

  it("leaves the duration open where the box reaches the edge", () => {
    expect(selected(plane, { x: 0, y: 0 }, { x: 50, y: 116 })).toEqual({ startMs: 0, endMs: 100 });
  });
});
