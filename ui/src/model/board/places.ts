/**
 * Where panels go when they are moved or resized, or when one is taken away. As in Grafana, those of a row close up to
 * its top, in 24 columns. Pure: a pointer or a key says where to, and the whole row is laid anew.
 */
import type { BoardPanel, BoardRow, Dashboard } from "@/api/types";
import { COLUMNS } from "./layout";

export interface Grid {
  x: number;
  y: number;
  w: number;
  h: number;
}
/** A place on the board; `row` counts from 0. */
export interface Place extends Grid {
  row: number;
}
/** By so many columns, lines, or panels: up and down go past the next panel, or into the next row. */
export type By = { x?: number; y?: 1 | -1; w?: number; h?: number };

const LINES_MAX = 1000;

export const gridOf = (panel: BoardPanel): Grid => ({ x: 0, y: 0, w: 12, h: 8, ...panel.grid });

export function placeOf(board: Dashboard, id: number): Place | undefined {
  const row = (board.rows ?? []).findIndex((one) => one.panels?.some((panel) => panel.id === id));
  const panel = board.rows?.[row]?.panels?.find((one) => one.id === id);
  return panel && { ...gridOf(panel), row };
}

/** A panel at another place, also in another row; the others make room. */
export function withPlace(board: Dashboard, id: number, wanted: Place): Dashboard {
  const before = placeOf(board, id);
  const found = board.rows?.[before?.row ?? -1]?.panels?.find((one) => one.id === id);
  if (!before || !found || !board.rows?.[wanted.row]) return board;
  const w = between(wanted.w, 1, COLUMNS);
  const x = between(wanted.x, 0, COLUMNS - w);
  const grid = { x, y: Math.max(0, wanted.y), w, h: between(wanted.h, 1, LINES_MAX) };
  const same = wanted.row === before.row;
  const down = same && grid.y > before.y;
  const rows = board.rows.map((row, at): BoardRow => {
    const panels = row.panels ?? [];
    if (at === wanted.row) {
      const moved = { ...found, grid };
      const all = same ? panels.map((one) => (one.id === id ? moved : one)) : [...panels, moved];
      return { ...row, panels: closedUp(all, id, down) };
    }
    return at === before.row ? { ...row, panels: closedUp(panels.filter((one) => one.id !== id)) } : row;
  });
  return { ...board, rows };
}

export function withMove(board: Dashboard, id: number, by: By): Dashboard {
  const from = placeOf(board, id);
  if (!from) return board;
  if (by.y) return pastTheNext(board, id, from, by.y);
  const w = between(from.w + (by.w ?? 0), 1, COLUMNS - from.x);
  return withPlace(board, id, { ...from, x: from.x + (by.x ?? 0), w, h: from.h + (by.h ?? 0) });
}

/** Into a row, below what lies there. */
export function withRowOf(board: Dashboard, id: number, row: number): Dashboard {
  const from = placeOf(board, id);
  if (!from || from.row === row) return board;
  return withPlace(board, id, { ...from, row, y: bottomOf(board.rows?.[row]?.panels ?? []) });
}

function pastTheNext(board: Dashboard, id: number, from: Place, step: 1 | -1): Dashboard {
  const bottom = bottomOf(board.rows?.[from.row]?.panels ?? []);
  for (let y = from.y + step; y >= 0 && y <= bottom; y += step) {
    const tried = withPlace(board, id, { ...from, y });
    if (placeOf(tried, id)?.y !== from.y) return tried;
  }
  const row = from.row + step;
  const beyond = board.rows?.[row];
  if (!beyond) return board;
  return withPlace(board, id, { ...from, row, y: step > 0 ? 0 : bottomOf(beyond.panels ?? []) });
}

export function bottomOf(panels: readonly BoardPanel[]): number {
  return Math.max(0, ...panels.map(gridOf).map(({ y, h }) => y + h));
}

/** Each as high as what lies above it allows. The one that is moved is laid before the panel whose middle it has passed. */
export function closedUp(panels: readonly BoardPanel[], moved?: number, down = false): BoardPanel[] {
  const order = panels
    .filter((panel) => panel.id !== moved)
    .sort((a, b) => gridOf(a).y - gridOf(b).y || gridOf(a).x - gridOf(b).x);
  const own = panels.find((panel) => panel.id === moved);
  if (own) {
    const { y, h } = gridOf(own);
    const edge = down ? y + h : y;
    const next = order.findIndex((one) => overlap(one, own) && edge <= gridOf(one).y + gridOf(one).h / 2);
    order.splice(next < 0 ? order.length : next, 0, own);
  }
  const floor = new Array<number>(COLUMNS).fill(0);
  const tops = new Map<number, number>();
  for (const panel of order) {
    const { x, w } = widthOf(panel);
    const y = Math.max(...floor.slice(x, x + w));
    floor.fill(y + gridOf(panel).h, x, x + w);
    tops.set(panel.id, y);
  }
  return panels.map((panel) => {
    const grid = { ...gridOf(panel), y: tops.get(panel.id) ?? 0 };
    return panel.grid?.y === grid.y ? panel : { ...panel, grid };
  });
}

/** A panel that is repeated beside itself takes the whole width, whatever its own is. */
function widthOf(panel: BoardPanel): Pick<Grid, "x" | "w"> {
  const beside = panel.repeat && panel.repeat.direction !== "vertical";
  return beside ? { x: 0, w: COLUMNS } : gridOf(panel);
}

function overlap(a: BoardPanel, b: BoardPanel): boolean {
  const [left, right] = [widthOf(a), widthOf(b)];
  return left.x < right.x + right.w && right.x < left.x + left.w;
}

function between(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
