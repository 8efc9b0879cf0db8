import { describe, expect, it } from "vitest";
import type { SpanSummary } from "@/api/types";
import { blockAt, pileUp } from "./flame";
import { layOut } from "./waterfall";

function span(id: string, parent: string, start: number, length: number): SpanSummary {
  return {
    span_id: id,
    parent_span_id: parent,
    service: "api",
    name: id,
    kind: "internal",
    status: "unset",
    start_offset_ns: start,
    duration_ns: length,
    event_count: 0,
    has_exception: false,
  };
}

const rows = (spans: SpanSummary[]) =>
  Object.fromEntries(pileUp(layOut(spans)).map((block) => [block.bar.span.span_id, block.row]));

describe("a flame", () => {
  it("puts children below their parents, one after the other in one row", () => {
    expect(
      rows([span("a", "", 0, 100), span("b", "a", 0, 40), span("c", "a", 40, 60), span("d", "c", 50, 10)]),
    ).toEqual({ a: 0, b: 1, c: 1, d: 2 });
  });

  it("gives spans that run at the same time rows of their own", () => {
    const found = rows([span("a", "", 0, 100), span("b", "a", 0, 60), span("c", "a", 10, 60), span("d", "b", 20, 10)]);
    expect(new Set([found.b, found.c, found.d]).size).toBe(3);
  });

  it("draws a child whose clock is ahead where its parent begins", () => {
    const early = pileUp(layOut([span("a", "", 0, 100), span("b", "a", -50, 20)]))[1];
    expect([early?.startNs, early?.endNs]).toEqual([0, 0]);
  });

  it("lets no two spans of a row overlap, in a trace of ten thousand", () => {
    const spans = [span("root", "", 0, 1e6)];
    for (let at = 1; at < 10_000; at++)
      spans.push(span(`s${at}`, at % 7 ? `s${at - 1}` : "root", (at * 97) % 1e6, (at * 13) % 5000));
    const blocks = pileUp(layOut(spans));
    expect(blocks).toHaveLength(10_000);
    for (let at = 1; at < blocks.length; at++) {
      const [before, block] = [blocks[at - 1], blocks[at]];
      if (before?.row === block?.row) expect(block?.startNs).toBeGreaterThanOrEqual(before?.endNs ?? Infinity);
    }
  });

  it("finds the span under the pointer, also a very narrow one", () => {
    const blocks = pileUp(layOut([span("a", "", 0, 1000), span("b", "a", 500, 1)]));
    expect(blockAt(blocks, 0, 700, 0)?.bar.span.span_id).toBe("a");
    expect(blockAt(blocks, 1, 504, 5)?.bar.span.span_id).toBe("b");
    expect(blockAt(blocks, 1, 520, 5)).toBeUndefined();
  });
});
