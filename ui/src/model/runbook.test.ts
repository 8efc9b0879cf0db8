import { describe, expect, it } from "vitest";
import type { RunbookBlock, RunbookStep } from "@/api/types";
import { piecesOf } from "./runbook";

const step = (line: number): RunbookStep => ({
  id: `${line}`,
  text: `step ${line}`,
  line,
  done_by: null,
  done_at: null,
});
const block = (markdown: string, ...lines: number[]): RunbookBlock => ({
  kind: "markdown",
  markdown,
  steps: lines.map(step),
  title: "",
  query: "",
  start: null,
  end: null,
  missing: [],
  problem: "",
});

describe("piecesOf", () => {
  it("keeps prose and steps in their order, and steps that follow one another together", () => {
    const found = piecesOf(block("# A\n\n- [ ] one\n- [ ] two\n\n- [ ] three\ntext", 2, 3, 5));
    expect(found).toEqual([{ markdown: "# A\n" }, { steps: [step(2), step(3), step(5)] }, { markdown: "text" }]);
  });
  it("is prose alone where there is no step", () => {
    expect(piecesOf(block("a\nb"))).toEqual([{ markdown: "a\nb" }]);
    expect(piecesOf(block("\n"))).toEqual([]);
  });
});
