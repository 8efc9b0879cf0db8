import { describe, expect, it } from "vitest";
import type { BoardPanel, Dashboard } from "@/api/types";
import { filterOf, filterText, matchersOf } from "./adhoc";
import {
  freeRef,
  panelsOf,
  uidOf,
  valueAt,
  withCopy,
  withNewPanel,
  withoutPanel,
  withPanel,
  withRef,
  withValue,
} from "./editing";
import { csvOf } from "./picture";

const panel = (id: number, x: number, y: number): BoardPanel => ({
  id,
  title: `P${id}`,
  grid: { x, y, w: 12, h: 8 },
  options: { kind: "timeseries", legend: { show: false } },
  queries: [{ ref: "A", language: "promql", text: "up" }],
});
const board: Dashboard = {
  uid: "b",
  title: "B",
  rows: [{ panels: [panel(1, 0, 0), panel(2, 12, 0), panel(3, 0, 8)] }, { id: 4, title: "R", panels: [] }],
};
const grids = (of: Dashboard) => panelsOf(of).map(({ grid }) => [grid?.x, grid?.y, grid?.w, grid?.h]);

describe("panels of a board", () => {
  it("are changed one at a time; the rest is the very same", () => {
    const changed = withPanel(board, { ...panel(2, 12, 0), title: "Other" });
    expect(panelsOf(changed).map((one) => one.title)).toEqual(["P1", "Other", "P3"]);
    expect(panelsOf(changed)[0]).toBe(panelsOf(board)[0]);
    expect(panelsOf(withoutPanel(board, 2)).map((one) => one.id)).toEqual([1, 3]);
  });

  it("that are new have an id and a place of their own", () => {
    const { board: more, panel: made } = withNewPanel(board);
    expect(made.id).toBe(5);
    expect(made.grid).toEqual({ x: 12, y: 8, w: 12, h: 8 });
    expect(withNewPanel({ uid: "e", title: "E" }).board.rows).toHaveLength(1);
    expect(withNewPanel(board, 1).board.rows?.[1]?.panels?.map(({ id, grid }) => [id, grid?.y])).toEqual([[5, 0]]);
    const copy = panelsOf(withCopy(more, 1)).at(-1);
    expect(copy?.grid).toEqual({ x: 0, y: 16, w: 12, h: 8 });
    expect(copy?.title).toBe("P1 (copy)");
  });

  it("close up where one is taken away", () =>
    expect(grids(withoutPanel(withoutPanel(board, 1), 2))).toEqual([[0, 0, 12, 8]]));
});

describe("parts of a panel", () => {
  it("are set and taken away by their path", () => {
    const set = withValue(panel(1, 0, 0), "options.legend.mode", "table");
    expect(set.options).toEqual({ kind: "timeseries", legend: { show: false, mode: "table" } });
    expect(valueAt(withValue(set, "fields.defaults.unit", "s"), "fields.defaults.unit")).toBe("s");
    expect(withValue(set, "options.legend.mode", undefined).options).toEqual(panel(1, 0, 0).options);
  });

  it("follow a query's new ref", () => {
    const named = withRef(
      {
        ...panel(1, 0, 0),
        transformations: [{ id: "filterByRefId", include: "A" }],
        fields: { overrides: [{ matcher: { by: "query", match: ["A"] }, field: {} }] },
      },
      "A",
      "total",
    );
    expect(named.queries?.[0]?.ref).toBe("total");
    expect(named.transformations).toEqual([{ id: "filterByRefId", include: "total" }]);
    expect(named.fields?.overrides?.[0]?.matcher.match).toEqual(["total"]);
    expect(freeRef(named.queries ?? [])).toBe("A");
  });
});

it("a title's uid is what addresses take", () => {
  expect([uidOf("Größe & Latenz"), uidOf("—")]).toEqual(["gro-e-latenz", "dashboard"]);
});

it("filters are written and read as Grafana's, and become matchers", () => {
  const filters = ["job|=|a__gfp__b", "path|!=|/x,y", "n|>|3", "a.b|=~|x.*"].map((text) => filterOf(text));
  expect(filters[0]).toEqual({ key: "job", operator: "=", value: "a|b" });
  expect(filters.map((one) => (one ? filterText(one) : ""))[1]).toBe("path|!=|/x__gfc__y");
  expect(matchersOf(filters.flatMap((one) => one ?? []))).toBe('{job="a|b",path!="/x,y","a.b"=~"x.*"}');
  expect(filterOf("job")).toBeNull();
});

it("values go out as CSV with what it quotes", () => {
  const frame = {
    ref: "A",
    fields: [
      { name: 'a "b"', kind: "string" as const, values: ["x,y", null], look: {} },
      { name: "n", kind: "number" as const, values: [1, 2.5], look: {} },
    ],
  };
  expect(csvOf([frame])).toBe('"a ""b""",n\r\n"x,y",1\r\n,2.5');
});
