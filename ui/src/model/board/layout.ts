/** Where panels lie once rows and panels are repeated for the values of their variables. */
import type { BoardPanel, BoardRow } from "@/api/types";
import type { Chosen, Variables } from "./interpolation";

export const COLUMNS = 24;

export interface PlacedPanel {
  key: string;
  panel: BoardPanel;
  /** Of the variables that it is repeated for. */
  scope: Variables;
  /** Of those that it is repeated as, the first: the one that stands in the board. */
  first: boolean;
  x: number;
  y: number;
  w: number;
  h: number;
}
export interface PlacedRow {
  key: string;
  row: BoardRow;
  /** Its place among the board's rows. */
  at: number;
  first: boolean;
  scope: Variables;
  panels: readonly PlacedPanel[];
}

export function layout(rows: readonly BoardRow[], variables: Variables): PlacedRow[] {
  return rows.flatMap((row, at) =>
    scopesOf(row.repeat, variables).map(({ key, scope }, turn) => ({
      key: `${row.id ? `row ${row.id}` : at}${key}`,
      ...{ row, at, scope, first: turn === 0 },
      panels: placed(row.panels ?? [], scope, { ...variables, ...scope }, turn === 0),
    })),
  );
}

function scopesOf(name: string | null | undefined, variables: Variables): { key: string; scope: Variables }[] {
  const chosen = name ? variables[name] : undefined;
  if (!name || !chosen || chosen.values.length === 0) return [{ key: "", scope: {} }];
  return chosen.values.map((value, at) => ({ key: `/${value}`, scope: { [name]: one(chosen, at) } }));
}

function one({ values, texts }: Chosen, at: number): Chosen {
  const value = values[at] ?? "";
  return { values: [value], texts: [texts?.[at] ?? value] };
}

function placed(
  panels: readonly BoardPanel[],
  rowScope: Variables,
  variables: Variables,
  firstRow: boolean,
): PlacedPanel[] {
  const found: PlacedPanel[] = [];
  let pushed = 0;
  const sorted = [...panels].sort((a, b) => (a.grid?.y ?? 0) - (b.grid?.y ?? 0) || (a.grid?.x ?? 0) - (b.grid?.x ?? 0));
  for (const panel of sorted) {
    const { x = 0, y = 0, w = 12, h = 8 } = panel.grid ?? {};
    const scopes = scopesOf(panel.repeat?.variable, variables);
    const across = panel.repeat?.direction === "vertical" ? 1 : Math.min(scopes.length, panel.repeat?.per_row_max ?? 4);
    const beside = panel.repeat !== null && panel.repeat !== undefined && panel.repeat.direction !== "vertical";
    const width = beside ? Math.floor(COLUMNS / Math.max(1, across)) : w;
    scopes.forEach(({ key, scope }, at) => {
      found.push({
        key: `${panel.id}${key}`,
        panel,
        scope: { ...rowScope, ...scope },
        first: firstRow && at === 0,
        x: beside ? (at % across) * width : x,
        y: y + pushed + Math.floor(at / across) * h,
        w: width,
        h,
      });
    });
    pushed += (Math.ceil(scopes.length / across) - 1) * h;
  }
  return found;
}
