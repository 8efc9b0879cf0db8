import { describe, expect, test } from "vitest";
import type { SpanSummary } from "@/api/types";
import { layOut, visible } from "./waterfall";

function span(id: string, parent: string, start: number, duration: number, status: "ok" | "error" = "ok"): SpanSummary {
  return {
    span_id: id,
    parent_span_id: parent,
    name: id,
    kind: "internal",
    service: "s",
    status,
    start_offset_ns: start,
    duration_ns: duration,
    event_count: 0,
    has_exception: false,
  };
}

describe("the waterfall", () => {
  test("puts children under parents by start and counts what is below", () => {
    const bars = layOut([
      span("c", "a", 5, 2, "error"),
      span("a", "", 0, 10),
      span("b", "a", 1, 2),
      span("d", "c", 6, 1),
    ]);
    expect(bars.map((bar) => [bar.span.span_id, bar.depth, bar.below])).toEqual([
      ["a", 0, 3],
      ["b", 1, 0],
      ["c", 1, 1],
      ["d", 2, 0],
    ]);
    expect(bars[0]?.errorBelow).toBe(true);
  });
  test("marks what the trace waited for: from the end backwards, not what ran beside it", () => {
    const bars = layOut([
      span("a", "", 0, 100),
      span("first", "a", 0, 40),
      span("beside", "a", 10, 60),
      span("last", "a", 40, 60),
      span("inner", "last", 50, 50),
      span("other", "last", 45, 20),
    ]);
    const critical = bars.filter((bar) => bar.critical).map((bar) => bar.span.span_id);
    expect(critical).toEqual(["a", "first", "last", "inner"]);
  });
  test("tells a span's own time from that of its children, counting parallel ones once", () => {
    const bars = layOut([
      span("a", "", 0, 100),
      span("b", "a", 10, 30),
      span("c", "a", 20, 40),
      span("d", "a", 90, 50),
    ]);
    expect(bars.map((bar) => bar.selfNs)).toEqual([40, 30, 40, 50]);
  });
  test("keeps orphans and circles", () => {
    const bars = layOut([span("x", "gone", 0, 1), span("p", "q", 0, 1), span("q", "p", 0, 1)]);
    expect(bars).toHaveLength(3);
    expect(bars[0]?.orphan).toBe(true);
  });
  test("hides what is below a collapsed span", () => {
    const bars = layOut([span("a", "", 0, 9), span("b", "a", 1, 5), span("c", "b", 2, 1), span("d", "a", 7, 1)]);
    expect(visible(bars, new Set(["b"])).map((bar) => bar.span.span_id)).toEqual(["a", "b", "d"]);
  });
  test("lays out ten thousand spans in a deep chain quickly", () => {
    const spans = Array.from({ length: 10_000 }, (_, at) => span(`s${at}`, at % 50 ? `s${at - 1}` : "", at, 1));
    const before = performance.now();
    expect(layOut(spans)).toHaveLength(10_000);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
