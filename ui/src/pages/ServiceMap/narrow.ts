import type { MapEdge, ServiceMap } from "@/api/types";

/** More than this in one picture cannot be read. */
export const NODES_DRAWN_MAX = 30;
export const EDGES_DRAWN_MAX = 60;

type Drawn = Pick<ServiceMap, "nodes" | "edges">;

/** One service with those it calls and those that call it. */
export function around(map: Drawn, focus: string): Drawn {
  const edges = map.edges.filter(({ source, target }) => source === focus || target === focus);
  const names = new Set([focus, ...edges.flatMap(({ source, target }) => [source, target])]);
  return { nodes: map.nodes.filter((node) => names.has(node.name)), edges };
}

/** As much of a large map as can be read: the calls that fail most, then the busiest, and who makes them. */
export function foremost(map: Drawn): Drawn {
  if (map.nodes.length <= NODES_DRAWN_MAX && map.edges.length <= EDGES_DRAWN_MAX) return map;
  const byWeight = (a: MapEdge, b: MapEdge) => b.errors - a.errors || b.rate - a.rate;
  const names = new Set<string>();
  const edges: MapEdge[] = [];
  for (const edge of [...map.edges].sort(byWeight)) {
    if (edges.length === EDGES_DRAWN_MAX) break;
    const fresh = [edge.source, edge.target].filter((name) => !names.has(name));
    if (names.size + new Set(fresh).size > NODES_DRAWN_MAX) continue;
    for (const name of fresh) names.add(name);
    edges.push(edge);
  }
  return { nodes: map.nodes.filter((node) => names.has(node.name)), edges };
}
