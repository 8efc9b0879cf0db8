/** Changes of a board as pure functions: what they do not speak of stays as it is. */
import type { BoardPanel, BoardQuery, BoardRow, Dashboard } from "@/api/types";
import { COLUMNS } from "./layout";
import { bottomOf, closedUp, type Grid, gridOf } from "./places";

export type Path = string;

export function panelsOf(board: Dashboard): BoardPanel[] {
  return (board.rows ?? []).flatMap((row) => row.panels ?? []);
}

export function panelOf(board: Dashboard, id: number): BoardPanel | undefined {
  return panelsOf(board).find((panel) => panel.id === id);
}

export function withPanel(board: Dashboard, changed: BoardPanel): Dashboard {
  return inRows(board, (panels) => panels.map((panel) => (panel.id === changed.id ? changed : panel)));
}

export function withoutPanel(board: Dashboard, id: number): Dashboard {
  return inRows(board, (panels) =>
    panels.some((panel) => panel.id === id) ? closedUp(panels.filter((panel) => panel.id !== id)) : panels,
  );
}

/** Below everything in a row, or in a first row of its own. */
export function withNewPanel(board: Dashboard, at = 0): { board: Dashboard; panel: BoardPanel } {
  const rows: BoardRow[] = board.rows?.length ? board.rows : [{ panels: [] }];
  const panel: BoardPanel = {
    id: freeId(board),
    title: "New panel",
    grid: freePlace(rows[at]?.panels ?? [], { w: 12, h: 8 }),
    options: { kind: "timeseries" },
    queries: [{ ref: "A", language: "promql", text: "" }],
  };
  const more = rows.map((row, place) => (place === at ? { ...row, panels: [...(row.panels ?? []), panel] } : row));
  return { board: { ...board, rows: more }, panel };
}

export function withCopy(board: Dashboard, id: number): Dashboard {
  return inRows(board, (panels) => {
    const found = panels.find((panel) => panel.id === id);
    if (!found) return panels;
    const copy = { ...found, id: freeId(board), title: `${found.title ?? ""} (copy)`.trim() };
    return [...panels, { ...copy, grid: freePlace(panels, gridOf(found)) }];
  });
}

function inRows(board: Dashboard, change: (panels: BoardPanel[]) => BoardPanel[]): Dashboard {
  const rows = (board.rows ?? []).map((row) => {
    const before = row.panels ?? [];
    const panels = change(before);
    return panels === before ? row : { ...row, panels };
  });
  return { ...board, rows };
}

/** Beside the last panel where there is room, else in a new line. */
function freePlace(panels: readonly BoardPanel[], { w, h }: Pick<Grid, "w" | "h">): Grid {
  const grids = panels.map(gridOf);
  const beside = { x: COLUMNS - w, y: Math.max(0, ...grids.map((one) => one.y)), w, h };
  const free = !grids.some(
    (one) => one.x < beside.x + w && beside.x < one.x + one.w && one.y < beside.y + h && beside.y < one.y + one.h,
  );
  return grids.length > 0 && free ? beside : { x: 0, y: bottomOf(panels), w, h };
}

/** That no panel and no row has. */
export function freeId(board: Dashboard): number {
  return Math.max(0, ...panelsOf(board).map((one) => one.id), ...(board.rows ?? []).map((row) => row.id ?? 0)) + 1;
}

/** `A`, `B` … the first that no query has. */
export function freeRef(queries: readonly BoardQuery[]): string {
  const taken = new Set(queries.map((query) => query.ref));
  for (let at = 0; ; at++) {
    const ref = at < 26 ? String.fromCharCode(65 + at) : `Q${at}`;
    if (!taken.has(ref)) return ref;
  }
}

/** A query under another ref, and so whatever of the panel speaks of it. */
export function withRef(panel: BoardPanel, before: string, after: string): BoardPanel {
  const queries = (panel.queries ?? []).map((one) => (one.ref === before ? { ...one, ref: after } : one));
  const transformations = (panel.transformations ?? []).map((one) =>
    one.id === "filterByRefId" && one.include === before ? { ...one, include: after } : one,
  );
  const overrides = (panel.fields?.overrides ?? []).map((one) =>
    one.matcher.by === "query"
      ? { ...one, matcher: { ...one.matcher, match: one.matcher.match.map((ref) => (ref === before ? after : ref)) } }
      : one,
  );
  return { ...panel, queries, transformations, fields: { ...panel.fields, overrides } };
}

/** An entry of a list at another place. */
export function shifted<T>(list: readonly T[], from: number, by: -1 | 1): T[] {
  const found = [...list];
  const [one] = found.splice(from, 1);
  if (one !== undefined) found.splice(from + by, 0, one);
  return found;
}

/** What stands at `a.b`; undefined where nothing does. */
export function valueAt(of: unknown, path: Path): unknown {
  return path.split(".").reduce<unknown>((one, key) => (one as Record<string, unknown> | null | undefined)?.[key], of);
}

/** The same with another value at `a.b`; `undefined` takes it away, so that the default holds. */
export function withValue<T extends object>(of: T, path: Path, value: unknown): T {
  const [key = "", ...rest] = path.split(".");
  const before = (of as Record<string, unknown>)[key];
  const after = rest.length > 0 ? withValue((before ?? {}) as object, rest.join("."), value) : value;
  const found = { ...of, [key]: after } as Record<string, unknown>;
  return Object.fromEntries(Object.entries(found).filter(([, one]) => one !== undefined)) as T;
}

/** A uid from a title: what addresses take. */
export function uidOf(title: string): string {
  const plain = title
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return plain.toLowerCase().slice(0, 80) || "dashboard";
}
