import { describe, expect, it } from "vitest";
import { LINES_MAX, watchedOf } from "./watched";

describe("watchedOf", () => {
  it("has numbers alone, with the labels of their series", () => {
    const found = watchedOf("up", ">", 1, {
      resultType: "matrix",
      result: [
        {
          metric: { job: "a" },
          values: [
            [10, "1"],
            [20, "NaN"],
            [30, "+Inf"],
            [40, "2"],
          ],
        },
      ],
    });
    expect(found.lines).toEqual([
      {
        labels: { job: "a" },
        points: [
          { at: 10, value: 1 },
          { at: 40, value: 2 },
        ],
      },
    ]);
    expect([found.operator, found.threshold, found.more_lines]).toEqual([">", 1, 0]);
  });
  it("counts the lines that are too many", () => {
    const result = Array.from({ length: LINES_MAX + 3 }, (_, at) => ({ metric: { job: `${at}` } }));
    const found = watchedOf("up", null, null, { resultType: "matrix", result });
    expect([found.lines.length, found.more_lines]).toEqual([LINES_MAX, 3]);
  });
  it("has no line before there is an answer", () => {
    expect(watchedOf("up", null, null, undefined).lines).toEqual([]);
  });
});
