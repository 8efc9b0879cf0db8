import { expect, test } from "vitest";
import { promFrames } from "./frames";
import { bucketsOf } from "./histogram";
import type { LookedFrame } from "./looks";

const frame = (name: string, values: (number | null)[], labels?: Record<string, string>): LookedFrame => ({
  ref: "A",
  fields: [
    { name: "Time", kind: "time", values: values.map((_, at) => at), look: {} },
    { name, kind: "number", values, look: {}, ...(labels ? { labels } : {}) },
  ],
});

test("values fall into buckets of the size that is asked for, from the offset on; gaps count nowhere", () => {
  const found = bucketsOf([frame("a", [1, 4.9, 5, null, 14]), frame("b", [7])], { size: 5 });
  expect(found.bounds).toEqual([0, 5, 10, 15]);
  expect(found.bars.map(({ name, counts }) => [name, counts])).toEqual([
    ["a", [2, 1, 1]],
    ["b", [0, 1, 0]],
  ]);
  expect(bucketsOf([frame("a", [1, 4])], { size: 5, offset: 2 }).bounds).toEqual([-3, 2, 7]);
});

test("combined fields are one; without a size there are about thirty round buckets", () => {
  const values = Array.from({ length: 101 }, (_, at) => at);
  const found = bucketsOf([frame("a", values), frame("b", values)], { combine: true });
  expect(found.bounds.slice(0, 3)).toEqual([0, 5, 10]);
  expect(found.bars.map(({ counts }) => counts.reduce((a, b) => a + b))).toEqual([202]);
  expect(bucketsOf([frame("a", values)], { count: 10 }).bounds).toHaveLength(12);
});

test("a tiny size does not make more bars than can be drawn; one value and none are drawn as such", () => {
  expect(bucketsOf([frame("a", [0, 1e6])], { size: 0.001 }).bounds.length).toBeLessThanOrEqual(503);
  expect(bucketsOf([frame("a", [3, 3])], {}).bars[0]?.counts).toEqual([2]);
  expect(bucketsOf([frame("a", [null])], {})).toEqual({ bounds: [], bars: [] });
});

test("a histogram's own buckets are told apart, the least first, its open end last", () => {
  const found = bucketsOf(
    [frame("x", [9, 10], { le: "+Inf" }), frame("y", [4], { le: "0.5" }), frame("z", [7], { le: "1" })],
    {},
  );
  expect(found.bounds).toEqual([0, 0.5, 1, Infinity]);
  expect(found.bars[0]?.counts).toEqual([4, 3, 3]);
});

test("native histograms that are asked for as a heatmap have buckets, too", () => {
  const histogram = {
    count: "6",
    sum: "9",
    buckets: [
      [0, "1", "2", "4"],
      [0, "2", "4", "2"],
    ] as const,
  };
  const frames = promFrames(
    { resultType: "matrix", result: [{ metric: { job: "a" }, histograms: [[1, histogram as never]] }] },
    { ref: "A", language: "promql", text: "x", format: "heatmap" } as never,
    1000,
    false,
  );
  const looked = frames.map((one) => ({ ...one, fields: one.fields.map((field) => ({ ...field, look: {} })) }));
  expect(bucketsOf(looked, {})).toMatchObject({ bounds: [0, 2, 4], bars: [{ counts: [4, 2] }] });
});
