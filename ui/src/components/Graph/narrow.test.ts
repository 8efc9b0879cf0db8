import { describe, expect, it } from "vitest";
import type { MapEdge, MapNode } from "@/api/types";
import { around, EDGES_DRAWN_MAX, foremost, narrowed, NODES_DRAWN_MAX } from "./narrow";

const figures = { requests: 1, errors: 0, rate: 1, error_ratio: 0, p50_ms: 1, p95_ms: 1, p99_ms: 1 };
const node = (name: string): MapNode => ({ ...figures, name, type: "service" });
const edge = (source: string, target: string, more: Partial<MapEdge> = {}): MapEdge => ({
  ...figures,
  source,
  target,
  ...more,
});
const names = (map: { nodes: readonly MapNode[] }) => map.nodes.map((one) => one.name);

describe("a large map is narrowed", () => {
  const small = { nodes: ["a", "b", "c", "d"].map(node), edges: [edge("a", "b"), edge("b", "c"), edge("c", "d")] };
  it("a small one stays whole", () => expect(foremost(small)).toBe(small));
  it("a service stands among its callers and callees alone", () => {
    const shown = around(small, "b");
    expect(names(shown)).toEqual(["a", "b", "c"]);
    expect(shown.edges).toHaveLength(2);
  });
  it("a service that calls nobody is still there", () =>
    expect(names(around({ nodes: [node("alone")], edges: [] }, "alone"))).toEqual(["alone"]));
  it("of hundreds the failing and the busiest calls are drawn, with both of their ends, up to the limits", () => {
    const many = Array.from({ length: 300 }, (_, at) => `s${at}`);
    const edges = many.flatMap((name, at) => [
      edge(name, many[(at * 7 + 1) % 300] ?? "", { rate: at }),
      edge(name, many[(at * 11 + 2) % 300] ?? "", { rate: at / 2 }),
    ]);
    const shown = foremost({ nodes: many.map(node), edges: [...edges, edge("s3", "s5", { errors: 9 })] });
    expect(shown.nodes.length).toBeLessThanOrEqual(NODES_DRAWN_MAX);
    expect(shown.edges.length).toBeLessThanOrEqual(EDGES_DRAWN_MAX);
    expect(shown.edges[0]).toMatchObject({ source: "s3", target: "s5" });
    const known = new Set(names(shown));
    expect(shown.edges.every((one) => known.has(one.source) && known.has(one.target))).toBe(true);
  });
});

describe("a map is narrowed by a search's services", () => {
  const map = { nodes: ["api", "api v2", "db", "web"].map(node), edges: [edge("web", "api"), edge("api", "db")] };
  it.each([
    ["", ["api", "api v2", "db", "web"], []],
    ["service:web", ["api", "web"], []],
    ["service:(web OR db)", ["api", "db", "web"], []],
    ["service:web OR service:db", ["api", "db", "web"], []],
    ['service:"api v2"', ["api v2"], []],
    ["service:w* duration:>1s", ["api", "web"], ["duration:>1s"]],
    ["-service:db", ["api", "api v2", "web"], []],
    ["service:api -service:web", ["api", "db"], []],
    ["service:ap", [], []],
  ])("%s", (query, services, rest) => {
    const found = narrowed(map, query);
    expect(names(found.map)).toEqual(services);
    expect(found.rest).toEqual(rest);
  });
});
