import type { MapEdge, ServiceMap } from "@/api/types";
import { terms } from "@/model/search";

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

/** The calls from and to the services that a search is of, and those parts of it that say nothing of a service. */
export function narrowed(map: Drawn, query: string): { map: Drawn; rest: readonly string[] } {
  const wanted: RegExp[] = [];
  const unwanted: RegExp[] = [];
  const rest: string[] = [];
  for (const one of terms(query)) {
    const [, minus, values] = /^(-?)service:(.+)$/s.exec(one) ?? [];
    if (values) (minus ? unwanted : wanted).push(...namesOf(values));
    else if (!JOINING.includes(one)) rest.push(one);
  }
  const matches = (all: readonly RegExp[], name: string) => all.some((one) => one.test(name));
  const allowed = map.edges.filter(({ source, target }) => !matches(unwanted, source) && !matches(unwanted, target));
  if (wanted.length === 0) {
    const nodes = map.nodes.filter(({ name }) => !matches(unwanted, name));
    return { map: { nodes, edges: allowed }, rest };
  }
  const edges = allowed.filter(({ source, target }) => matches(wanted, source) || matches(wanted, target));
  const ends = new Set(edges.flatMap(({ source, target }) => [source, target]));
  const nodes = map.nodes.filter(({ name }) => ends.has(name) || (matches(wanted, name) && !matches(unwanted, name)));
  return { map: { nodes, edges }, rest };
}

const JOINING: readonly string[] = ["OR", "AND"];

/** `a`, `"a b"`, `a*`, `(a OR b)`: a search's values as expressions of whole names. */
function namesOf(values: string): RegExp[] {
  const inside = /^\((.*)\)$/s.exec(values)?.[1];
  if (inside !== undefined)
    return terms(inside)
      .filter((one) => !JOINING.includes(one))
      .flatMap(namesOf);
  const quoted = /^"(.*)"$/s.exec(values)?.[1]?.replace(/\\(.)/g, "$1");
  const plain = (quoted ?? values).replace(/[\\^$.|+()[\]{}]/g, "\\$&");
  const written =
    quoted === undefined ? plain.replace(/\*/g, ".*").replace(/\?/g, ".") : plain.replace(/[*?]/g, "\\$&");
  return [new RegExp(`^${written}$`, "s")];
}
