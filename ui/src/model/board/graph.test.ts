import { expect, test } from "vitest";
import type { FieldKind } from "./frames";
import { graphOf } from "./graph";
import type { LookedFrame } from "./looks";

const frame = (columns: Record<string, unknown[]>): LookedFrame => ({
  ref: "A",
  fields: Object.entries(columns).map(([name, values]) => ({
    name,
    kind: (typeof values[0] === "number" ? "number" : "string") satisfies FieldKind,
    values,
    look: {},
  })),
});

test("frames of nodes and of edges make a graph, with their figures; ends that no node says are nodes, too", () => {
  const found = graphOf([
    frame({ id: ["a", "b"], title: ["Shop", ""], mainStat: [3, 4], secondaryStat: ["1 ms", ""] }),
    frame({ id: ["1", "2"], source: ["a", "b"], target: ["b", "c"], mainStat: [5, 6] }),
  ]);
  expect(found.nodes).toEqual([
    { id: "a", title: "Shop", stats: "3 · 1 ms" },
    { id: "b", title: "b", stats: "4" },
    { id: "c", title: "c", stats: "" },
  ]);
  expect(found.edges).toEqual([
    { source: "a", target: "b", stats: "5", weight: 5 },
    { source: "b", target: "c", stats: "6", weight: 6 },
  ]);
});

test("a table of PromQL with source and target as labels is one, and its value the figure", () => {
  const found = graphOf([frame({ Source: ["x"], target: ["y"], Value: [7] })]);
  expect(found.edges).toEqual([{ source: "x", target: "y", stats: "7", weight: 7 }]);
  expect(graphOf([frame({ Value: [7] })])).toEqual({ nodes: [], edges: [] });
});
