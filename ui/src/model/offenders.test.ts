import { describe, expect, it } from "vitest";
import { chartQuery, selectorOf, valuesQuery, worstFirst } from "./offenders";

describe("queries of the cardinality view", () => {
  it("quotes names that are no plain ones", () => {
    expect(selectorOf("a:b_total")).toBe("a:b_total");
    expect(selectorOf('http.päth "q"')).toBe('{"http.päth \\"q\\""}');
    expect(valuesQuery("wide", "user")).toBe("topk(50, count by (user) (wide))");
    expect(valuesQuery("a.b", "http.path")).toBe('topk(50, count by ("http.path") ({"a.b"}))');
  });

  it("draws the greatest of very many", () => {
    expect(chartQuery("few", 500)).toBe("few");
    expect(chartQuery("many", 501)).toBe("topk(50, many)");
  });
});

describe("worstFirst", () => {
  const label = (name: string, values: number, series_without: number | null) => ({
    name,
    values,
    series: 100,
    series_without,
  });

  it("begins with the label without which the fewest are left, and ends with what was not tried", () => {
    const labels = [label("id", 9, null), label("request", 80, 100), label("user", 40, 3), label("x", 50, null)];
    expect(worstFirst(labels).map((one) => one.name)).toEqual(["user", "request", "x", "id"]);
  });
});
