import { describe, expect, it } from "vitest";
import { durationTicks, isCounted, roundStep, timeTicks } from "./ticks";

const at = (text: string) => Date.parse(`2026-11-26T${text}Z`);
const clock = (ms: number) => new Date(ms).toISOString().slice(11, 19);

describe("axes have few, round ticks", () => {
  it.each([
    [3_600_000, 6, 600_000],
    [86_400_000, 6, 6 * 3_600_000],
    [86_400_000, 5, 6 * 3_600_000],
    [12_000, 6, 2000],
    [60_000, 4, 15_000],
    [7 * 86_400_000, 7, 86_400_000],
    [100, 5, 20],
    [0.001, 5, 0.0002],
  ])("a span of %d ms in at most %d steps is counted by %d", (span, most, step) =>
    expect(roundStep(span, most)).toBeCloseTo(step, 9),
  );
  it("an hour has its tens, the full hour among them", () =>
    expect(timeTicks(at("21:27:13"), at("22:27:13"), 6, "utc").map(clock)).toEqual([
      "21:30:00",
      "21:40:00",
      "21:50:00",
      "22:00:00",
      "22:10:00",
      "22:20:00",
    ]));
  it("a day has its quarters", () =>
    expect(timeTicks(at("03:00:00"), at("23:00:00"), 4, "utc").map(clock)).toEqual([
      "06:00:00",
      "12:00:00",
      "18:00:00",
    ]));
  it("a trace of 1.23 s is counted by fifths of a second or halves, never by 307 ms", () =>
    expect(durationTicks(0, 1.23e9, 5)).toEqual([0, 5e8, 1e9]));
  it("a part of a trace keeps the trace's ticks", () =>
    expect(durationTicks(30e6, 110e6, 4)).toEqual([40e6, 60e6, 80e6, 100e6]));
  it("nothing has no ticks, and a nanosecond ends", () => {
    expect(timeTicks(5, 5, 6, "utc")).toEqual([]);
    expect(durationTicks(0, 0, 5)).toEqual([]);
    expect(durationTicks(0, 1, 5)).toEqual([0, 1]);
  });
});

it.each([
  [[0, 1, null], true],
  [[], true],
  [[1, 0.5], false],
])("of %j it is said whether they are counts: %s", (values, counted) =>
  expect(isCounted(values.map((value, at) => [at, value]))).toBe(counted),
);
