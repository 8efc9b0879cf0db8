/** Changes of a board's rows as pure functions. A row without a heading is the first one: its panels lie at the top. */
import type { BoardRow, Dashboard } from "@/api/types";
import { freeId } from "./editing";
import { bottomOf, closedUp, gridOf } from "./places";

/** Of its own, at the end. */
export function withNewRow(board: Dashboard): Dashboard {
  return { ...board, rows: [...(board.rows ?? []), { id: freeId(board), title: "New row", panels: [] }] };
}

export function withRow(board: Dashboard, at: number, part: Partial<BoardRow>): Dashboard {
  return { ...board, rows: (board.rows ?? []).map((row, place) => (place === at ? { ...row, ...part } : row)) };
}

/** Its panels go below those of the row before it; those of the first one stay on top, without a heading. */
export function withoutHeading(board: Dashboard, at: number): Dashboard {
  const rows = board.rows ?? [];
  const [row, before] = [rows[at], rows[at - 1]];
  if (!row) return board;
  const bare: BoardRow = { panels: row.panels ?? [] };
  if (!before) return { ...board, rows: [bare, ...rows.slice(1)] };
  const bottom = bottomOf(before.panels ?? []);
  const lower = (row.panels ?? []).map((panel) => {
    const grid = gridOf(panel);
    return { ...panel, grid: { ...grid, y: grid.y + bottom } };
  });
  const joined = { ...before, panels: closedUp([...(before.panels ?? []), ...lower]) };
  return { ...board, rows: [...rows.slice(0, at - 1), joined, ...rows.slice(at + 1)] };
}

export function withoutRow(board: Dashboard, at: number): Dashboard {
  return { ...board, rows: (board.rows ?? []).filter((_, place) => place !== at) };
}

/** Whether a row can go there: never above the panels that have no heading. */
export function canShift(board: Dashboard, at: number, by: 1 | -1): boolean {
  const beside = board.rows?.[at + by];
  return beside !== undefined && hasHeading(beside);
}

export function withShiftedRow(board: Dashboard, at: number, by: 1 | -1): Dashboard {
  if (!canShift(board, at, by)) return board;
  const rows = numbered(board);
  const [row] = rows.splice(at, 1);
  if (row) rows.splice(at + by, 0, row);
  return { ...board, rows };
}

export function hasHeading(row: BoardRow): boolean {
  return row.title !== null && row.title !== undefined;
}

/** Rows that trade places are told apart by their number. */
function numbered(board: Dashboard): BoardRow[] {
  let free = freeId(board);
  return (board.rows ?? []).map((row) => (hasHeading(row) && !row.id ? { ...row, id: free++ } : row));
}
