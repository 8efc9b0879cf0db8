/** Nodes and edges as Grafana's frames have them, from tables of any query. */
import type { LookedFrame, Looked } from "./looks";
import { show } from "./looks";

export interface GraphNode {
  id: string;
  title: string;
  stats: string;
}
export interface GraphEdge {
  source: string;
  target: string;
  stats: string;
  /** The main figure as a number, for how thick it is drawn; 0 where it is none. */
  weight: number;
}
export interface BoardGraph {
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
}

/** Frames with columns `source` and `target` are edges, those with an `id` alone are nodes; case does not count. */
export function graphOf(frames: readonly LookedFrame[]): BoardGraph {
  const nodes = new Map<string, GraphNode>();
  const edges: GraphEdge[] = [];
  for (const frame of frames) {
    const column = (name: string) => frame.fields.find((field) => field.name.toLowerCase() === name);
    const [source, target, id] = [column("source"), column("target"), column("id")];
    const main = column("mainstat") ?? frame.fields.find((field) => field.kind === "number");
    const second = column("secondarystat");
    const rows = frame.fields[0]?.values.length ?? 0;
    for (let row = 0; row < rows; row++) {
      const stats = [main, second].flatMap((field) => figure(field, row)).join(" · ");
      const value = main?.values[row];
      const [from, to, own] = [source, target, id].map((field) => text(field, row));
      if (from && to) edges.push({ source: from, target: to, stats, weight: typeof value === "number" ? value : 0 });
      else if (own && !(source && target)) nodes.set(own, { id: own, title: text(column("title"), row) || own, stats });
    }
  }
  // An edge's ends are nodes also where nothing more is said of them.
  for (const end of edges.flatMap(({ source, target }) => [source, target]))
    if (!nodes.has(end)) nodes.set(end, { id: end, title: end, stats: "" });
  return { nodes: [...nodes.values()], edges };
}

function text(field: Looked | undefined, row: number): string {
  const value = field?.values[row];
  return value === null || value === undefined ? "" : String(value as string | number);
}

function figure(field: Looked | undefined, row: number): string[] {
  const value = field?.values[row];
  return field && value !== null && value !== undefined && value !== "" ? [show(value, field.look).text] : [];
}
