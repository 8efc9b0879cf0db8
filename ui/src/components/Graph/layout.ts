import { Graph, layout } from "@dagrejs/dagre";

export const NODE_WIDTH = 208;
export const NODE_HEIGHT = 52;
const MARGIN = 24;

interface Named {
  name: string;
}
interface Ends {
  source: string;
  target: string;
}

export interface PlacedNode<N extends Named> {
  node: N;
  x: number;
  y: number;
}

export interface PlacedEdge<E extends Ends> {
  edge: E;
  path: string;
  labelX: number;
  labelY: number;
}

export interface PlacedMap<N extends Named, E extends Ends> {
  nodes: PlacedNode<N>[];
  edges: PlacedEdge<E>[];
  width: number;
  height: number;
}

/** Callers on the left, what they call on the right; the same map always gives the same picture. */
export function placeMap<N extends Named, E extends Ends>(map: {
  nodes: readonly N[];
  edges: readonly E[];
}): PlacedMap<N, E> {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 28, ranksep: 120, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  const nodes = [...map.nodes].sort((a, b) => a.name.localeCompare(b.name));
  const known = new Set(nodes.map((node) => node.name));
  const edges = map.edges.filter(
    (edge) => known.has(edge.source) && known.has(edge.target) && edge.source !== edge.target,
  );
  for (const node of nodes) graph.setNode(node.name, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const edge of edges) graph.setEdge(edge.source, edge.target, {});
  layout(graph);
  const placedEdges = edges.map((edge): PlacedEdge<E> => {
    const points = pointsOf(graph, edge.source, edge.target);
    const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
    return { edge, path: smooth(points), labelX: middle.x, labelY: middle.y };
  });
  // Calls that go back bend further out than the graph's own size tells.
  const lowest = Math.max(
    0,
    ...edges.flatMap(({ source, target }) => pointsOf(graph, source, target).map(({ y }) => y)),
  );
  const size = graph.graph() as { width?: number; height?: number };
  return {
    nodes: nodes.map((node) => {
      const at = graph.node(node.name) as Point;
      return { node, x: at.x - NODE_WIDTH / 2, y: at.y - NODE_HEIGHT / 2 };
    }),
    edges: placedEdges,
    width: Math.max(size.width ?? 0, NODE_WIDTH + 2 * MARGIN),
    height: Math.max(size.height ?? 0, lowest + MARGIN, NODE_HEIGHT + 2 * MARGIN),
  };
}

interface Point {
  x: number;
  y: number;
}

function pointsOf(graph: Graph, source: string, target: string): Point[] {
  return (graph.edge(source, target) as { points: Point[] }).points;
}

/** Curves that leave and arrive level. */
function smooth(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M${first.x.toFixed(1)},${first.y.toFixed(1)}`;
  let before = first;
  for (const point of rest) {
    const middle = (before.x + point.x) / 2;
    path += ` C${middle.toFixed(1)},${before.y.toFixed(1)} ${middle.toFixed(1)},${point.y.toFixed(1)} ${point.x.toFixed(1)},${point.y.toFixed(1)}`;
    before = point;
  }
  return path;
}
