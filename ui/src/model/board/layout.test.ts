import { describe, expect, it } from "vitest";
import type { BoardPanel } from "@/api/types";
import { layout } from "./layout";

const panel = (id: number, y: number, more: Partial<BoardPanel> = {}): BoardPanel => ({
  id,
  grid: { x: 0, y, w: 12, h: 4 },
  options: { kind: "timeseries" },
  ...more,
});
const VARIABLES = { job: { values: ["a", "b", "c"], many: true } };

describe("layout", () => {
  it("repeats a panel beside itself, and moves what is below", () => {
    const repeat = { variable: "job", direction: "horizontal" as const, per_row_max: 2 };
    const [row] = layout([{ panels: [panel(1, 0, { repeat }), panel(2, 4)] }], VARIABLES);
    expect(row?.panels.map(({ key, x, y, w }) => [key, x, y, w])).toEqual([
      ["1/a", 0, 0, 12],
      ["1/b", 12, 0, 12],
      ["1/c", 0, 4, 12],
      ["2", 0, 8, 12],
    ]);
    expect(row?.panels[1]?.scope["job"]?.values).toEqual(["b"]);
  });
  it("repeats a row with its panels", () => {
    const rows = layout([{ title: "Of $job", repeat: "job", panels: [panel(1, 0)] }], VARIABLES);
    expect(rows.map(({ key, scope }) => [key, scope["job"]?.values])).toEqual([
      ["0/a", ["a"]],
      ["0/b", ["b"]],
      ["0/c", ["c"]],
    ]);
  });
  it("leaves what repeats for nothing once", () => {
    const repeat = { variable: "nobody", direction: "vertical" as const };
    expect(layout([{ panels: [panel(1, 0, { repeat })] }], VARIABLES)[0]?.panels).toHaveLength(1);
  });
});
