import { useMemo, useRef, useState } from "react";
import { plural, truncateMiddle } from "@/lib/format";
import type { BoardGraph } from "@/model/board/graph";
import { Frame } from "./Frame";
import classes from "./Graph.module.css";
import { NODE_HEIGHT, NODE_WIDTH, placeMap } from "./layout";

const NODES_MAX = 60;
const NAME_MAX = 24;
const SCALE_MIN = 0.7;
const LETTER = 5.9;

/** Nodes and edges as a query's tables have them. Pointing at a node, or its focus, brings out its edges. */
export function TableGraph({
  graph,
  title,
  className,
}: {
  graph: BoardGraph;
  title: string;
  className?: string | undefined;
}) {
  const placed = useMemo(() => {
    const nodes = graph.nodes.slice(0, NODES_MAX).map((node) => ({ ...node, name: node.id }));
    return placeMap({ nodes, edges: graph.edges });
  }, [graph]);
  const box = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<string | null>(null);
  const away = () => setPointed(null);
  const counted = `${title}: ${plural(graph.nodes.length, "node")}, ${plural(graph.edges.length, "edge")}`;
  return (
    <>
      <Frame box={box} label={`Graph of ${title}`} title={counted} scaleMin={SCALE_MIN} {...{ placed, className }}>
        {(arrow) => (
          <>
            {placed.edges.map(({ edge, path, labelX, labelY }, at) => (
              <g
                key={at}
                className={classes.edge}
                data-back={pointed !== null && edge.source !== pointed && edge.target !== pointed}
              >
                <path
                  d={path}
                  fill="none"
                  strokeWidth={Math.min(5, 1.25 + Math.log10(1 + Math.max(0, edge.weight)))}
                  markerEnd={arrow("idle")}
                />
                {edge.stats && (
                  <rect
                    x={labelX - (edge.stats.length * LETTER + 6) / 2}
                    y={labelY - 7}
                    width={edge.stats.length * LETTER + 6}
                    height={14}
                  />
                )}
                <text x={labelX} y={labelY + 4} textAnchor="middle">
                  {edge.stats}
                </text>
                <title>{`${edge.source} → ${edge.target}: ${edge.stats}`}</title>
              </g>
            ))}
            {placed.nodes.map(({ node, x, y }) => (
              <g
                key={node.id}
                transform={`translate(${x},${y})`}
                className={classes.node}
                role="img"
                aria-label={[`${node.title} ${node.stats}`.trim(), ...edgesOf(graph, node.id)].join("; ")}
                tabIndex={0}
                onMouseEnter={() => setPointed(node.id)}
                onMouseLeave={away}
                onFocus={() => setPointed(node.id)}
                onBlur={away}
              >
                <rect width={NODE_WIDTH} height={NODE_HEIGHT} rx={6} />
                <text x={14} y={node.stats ? 22 : 31} className={classes.name}>
                  {truncateMiddle(node.title, NAME_MAX)}
                </text>
                <text x={14} y={39} className={classes.figures}>
                  {node.stats}
                </text>
                <title>{`${node.title} ${node.stats}`}</title>
              </g>
            ))}
          </>
        )}
      </Frame>
      {graph.nodes.length > NODES_MAX && (
        <p className="small soft">
          The first {NODES_MAX} of {graph.nodes.length} nodes are drawn: narrow the query.
        </p>
      )}
    </>
  );
}

/** What a node's edges are called where they cannot be seen. */
function edgesOf({ edges }: BoardGraph, id: string): string[] {
  return edges.flatMap(({ source, target, stats }) =>
    source === id ? [`to ${target} ${stats}`.trim()] : target === id ? [`from ${source} ${stats}`.trim()] : [],
  );
}
