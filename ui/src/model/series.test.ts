import { describe, expect, it } from "vitest";
import { chartSeries, legendNames, selectorOf } from "./series";

describe("series", () => {
  it.each([
    [{ __name__: "up", job: "api" }, 'up{job="api"}'],
    [{ __name__: "up" }, "up"],
    [{ __name__: "http.requests", "a.b": 'x"y\\' }, '{"http.requests", "a.b"="x\\"y\\\\"}'],
    [{}, "{}"],
  ])("selects %o", (labels, expected) => {
    expect(selectorOf(labels as unknown as Record<string, string>)).toBe(expected);
  });
  it("names series by what tells them apart", () => {
    expect(legendNames([{ metric: { __name__: "up", job: "a" } }])).toEqual(['up{job="a"}']);
    expect(legendNames([{ metric: { job: "a", env: "x" } }, { metric: { job: "b", env: "x" } }])).toEqual(["a", "b"]);
    expect(legendNames([{ metric: {} }])).toEqual(["Value"]);
    expect(legendNames([{ metric: {} }], "A")).toEqual(["A"]);
    expect(legendNames([{ metric: { job: "a" } }, { metric: {} }])).toEqual(["a", "no job"]);
    expect(legendNames([{ metric: { a: "1", b: "1" } }, { metric: { a: "2", b: "2" } }])).toEqual([
      '{a="1", b="1"}',
      '{a="2", b="2"}',
    ]);
  });
  it("keeps gaps, and draws nothing for what is no number", () => {
    const values = [
      [10, "1"],
      [20, "NaN"],
      [60, "+Inf"],
      [70, "2"],
    ] as const;
    expect(chartSeries([{ metric: {}, values }], 10)[0]?.points).toEqual([
      [10_000, 1],
      [20_000, null],
      [30_000, null],
      [60_000, null],
      [70_000, 2],
    ]);
  });
});
