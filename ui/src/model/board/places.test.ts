import { describe, expect, it } from "vitest";
import type { BoardPanel, Dashboard } from "@/api/types";
import { withMove, withPlace, withRowOf, placeOf, type By } from "./places";
import { canShift, withNewRow, withoutHeading, withoutRow, withRow, withShiftedRow } from "./rows";

const panel = (id: number, x: number, y: number, w: number, h: number): BoardPanel => ({
  id,
  grid: { x, y, w, h },
  options: { kind: "timeseries" },
});
/** Two beside each other, a wide one below; a row of one; a row of none. */
const board: Dashboard = {
  uid: "b",
  title: "B",
  rows: [
    { panels: [panel(1, 0, 0, 12, 4), panel(2, 12, 0, 12, 8), panel(3, 0, 8, 24, 6)] },
    { id: 8, title: "R", panels: [panel(4, 0, 0, 12, 8)] },
    { title: "S" },
  ],
};
const at = (of: Dashboard, ...ids: number[]) =>
  ids.map((id) => {
    const place = placeOf(of, id);
    return place && [place.row, place.x, place.y, place.w, place.h];
  });
const moved = (id: number, ...steps: By[]) => steps.reduce((found, by) => withMove(found, id, by), board);

describe("a panel that is put somewhere", () => {
  it("takes its place, and what lay there goes below", () =>
    expect(at(withPlace(board, 3, { row: 0, x: 0, y: 1, w: 24, h: 6 }), 1, 2, 3)).toEqual([
      [0, 0, 6, 12, 4],
      [0, 12, 6, 12, 8],
      [0, 0, 0, 24, 6],
    ]));
  it("goes below another once it has passed its middle, and what is left closes up", () => {
    expect(at(withPlace(board, 1, { row: 0, x: 0, y: 6, w: 12, h: 4 }), 1, 3)).toEqual([
      [0, 0, 0, 12, 4],
      [0, 0, 8, 24, 6],
    ]);
    expect(at(withPlace(board, 1, { row: 0, x: 0, y: 8, w: 12, h: 4 }), 1, 3)).toEqual([
      [0, 0, 14, 12, 4],
      [0, 0, 8, 24, 6],
    ]);
  });
  it("hangs in no air, and stays within the columns", () => {
    expect(at(withPlace(board, 4, { row: 1, x: 30, y: 50, w: 12, h: 8 }), 4)).toEqual([[1, 12, 0, 12, 8]]);
    expect(at(withPlace(board, 4, { row: 1, x: -3, y: -1, w: 99, h: 0 }), 4)).toEqual([[1, 0, 0, 24, 1]]);
  });
  it("moves into another row, where others make room", () => {
    const into = withPlace(board, 2, { row: 1, x: 6, y: 0, w: 12, h: 8 });
    expect(at(into, 2, 4, 3)).toEqual([
      [1, 6, 0, 12, 8],
      [1, 0, 8, 12, 8],
      [0, 0, 4, 24, 6],
    ]);
    expect(at(withRowOf(board, 4, 0), 4)).toEqual([[0, 0, 14, 12, 8]]);
    expect(at(withRowOf(board, 4, 2), 4)).toEqual([[2, 0, 0, 12, 8]]);
  });
  it("leaves the rest as the very same", () => {
    const into = withPlace(board, 1, { row: 0, x: 0, y: 0, w: 12, h: 8 });
    expect(into.rows?.[1]).toBe(board.rows?.[1]);
    expect(into.rows?.[0]?.panels?.[1]).toBe(board.rows?.[0]?.panels?.[1]);
    expect(into.rows?.[0]?.panels?.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(withPlace(board, 99, { row: 0, x: 0, y: 0, w: 1, h: 1 })).toBe(board);
  });
  it("goes around one that is repeated beside itself, whatever its width", () => {
    const wide = { ...panel(5, 0, 0, 6, 4), repeat: { variable: "job" } };
    const of: Dashboard = { uid: "r", title: "R", rows: [{ panels: [wide, panel(6, 0, 4, 6, 4)] }] };
    expect(at(withPlace(of, 6, { row: 0, x: 12, y: 3, w: 6, h: 4 }), 6)).toEqual([[0, 12, 4, 6, 4]]);
  });
});

describe("keys", () => {
  it.each<[string, number, By[], number[]]>([
    ["right by a column", 4, [{ x: 1 }, { x: 1 }], [1, 2, 0, 12, 8]],
    ["not over the edge", 4, [{ x: -1 }], [1, 0, 0, 12, 8]],
    ["wider and taller", 4, [{ w: 1 }, { h: -1 }], [1, 0, 0, 13, 7]],
    ["no wider than there is room", 2, [{ w: 1 }], [0, 12, 0, 12, 8]],
    ["down past the next panel", 1, [{ y: 1 }], [0, 0, 14, 12, 4]],
    ["down into the next row", 1, [{ y: 1 }, { y: 1 }], [1, 0, 0, 12, 4]],
    ["down into a row without panels, and no further", 4, [{ y: 1 }, { y: 1 }], [2, 0, 0, 12, 8]],
    ["up past the one above", 3, [{ y: -1 }, { y: -1 }], [0, 0, 0, 24, 6]],
    ["up into the row above, below what is there", 4, [{ y: -1 }], [0, 0, 14, 12, 8]],
  ])("go %s", (_, id, steps, expected) => expect(at(moved(id, ...steps), id)).toEqual([expected]));
});

describe("rows", () => {
  const titles = (of: Dashboard) => of.rows?.map((row) => row.title ?? null);
  it("are added with a number of their own, renamed and folded", () => {
    const more = withRow(withNewRow(board), 3, { title: "T", collapsed: true });
    expect(more.rows?.[3]).toEqual({ id: 9, title: "T", collapsed: true, panels: [] });
    expect(withNewRow({ uid: "e", title: "E" }).rows).toEqual([{ id: 1, title: "New row", panels: [] }]);
  });
  it("trade places, but none goes above the panels without a heading", () => {
    const shifted = withShiftedRow(board, 2, -1);
    expect(titles(shifted)).toEqual([null, "S", "R"]);
    expect(shifted.rows?.map((row) => row.id)).toEqual([undefined, 9, 8]);
    expect(canShift(board, 1, -1)).toBe(false);
    expect(withShiftedRow(board, 1, -1)).toBe(board);
    expect(canShift(board, 2, 1)).toBe(false);
  });
  it("go with their panels, or leave them to the row above", () => {
    expect(titles(withoutRow(board, 1))).toEqual([null, "S"]);
    const joined = withoutHeading(board, 1);
    expect(titles(joined)).toEqual([null, "S"]);
    expect(at(joined, 3, 4)).toEqual([
      [0, 0, 8, 24, 6],
      [0, 0, 14, 12, 8],
    ]);
  });
  it("that come first without another above stay as panels without a heading", () => {
    const only: Dashboard = {
      uid: "o",
      title: "O",
      rows: [{ id: 2, title: "R", collapsed: true, panels: [panel(1, 0, 0, 6, 4)] }],
    };
    expect(withoutHeading(only, 0).rows).toEqual([{ panels: [panel(1, 0, 0, 6, 4)] }]);
  });
});
