import { useMemo, useRef } from "react";
import { useScopedApi } from "@/api/queries";
import type { ServiceMap } from "@/api/types";
import { plural, truncateMiddle } from "@/lib/format";
import { useDragScroll } from "@/lib/useDragScroll";
import { type BoardGraph, graphOf } from "@/model/board/graph";
import { NODE_HEIGHT, NODE_WIDTH, placeMap } from "@/pages/ServiceMap/layout";
import { foremost } from "@/pages/ServiceMap/narrow";
import { Picture } from "@/pages/ServiceMap/Picture";
import drawn from "@/pages/ServiceMap/Picture.module.css";
import type { PanelProps } from ".";
import classes from "../Dashboard.module.css";

const NODES_MAX = 60;
const NAME_MAX = 24;
/** Smaller than this its words cannot be read: then the picture scrolls. */
const SCALE_MIN = 0.7;

/** Nodes and edges of the panel's tables; a query of traces stands for the services and what they call. */
export function NodeGraph({ data, title }: PanelProps<"nodeGraph">) {
  const graph = useMemo(() => graphOf(data.frames), [data.frames]);
  if (graph.nodes.length > 0) return <Tables graph={graph} title={title} />;
  if (data.frames.some((frame) => (frame.fields[0]?.values.length ?? 0) > 0))
    return <p className={classes.why}>Expected columns source and target, or id: choose the format “table”.</p>;
  return <Services />;
}

function Services() {
  const map = useScopedApi<ServiceMap>("service-map");
  const shown = useMemo(() => map.data && foremost(map.data), [map.data]);
  if (map.error && !shown)
    return (
      <p className={classes.problem} role="alert">
        {map.error.message}
      </p>
    );
  if (!shown) return <p className={classes.loading}>Loading…</p>;
  if (shown.nodes.length === 0) return <p className={classes.why}>Nothing called anything in this time range</p>;
  return <Picture map={shown} focus={undefined} />;
}

function Tables({ graph, title }: { graph: BoardGraph; title: string }) {
  const placed = useMemo(() => {
    const nodes = graph.nodes.slice(0, NODES_MAX).map((node) => ({ ...node, name: node.id }));
    return placeMap({ nodes, edges: graph.edges });
  }, [graph]);
  const box = useRef<HTMLDivElement>(null);
  const drag = useDragScroll(box);
  return (
    <div ref={box} className={classes.scroll} tabIndex={0} role="region" aria-label={`Graph of ${title}`} {...drag}>
      <svg
        style={{ width: "100%", maxWidth: placed.width, minWidth: placed.width * SCALE_MIN }}
        viewBox={`0 0 ${placed.width} ${placed.height}`}
      >
        <title>{`${title}: ${plural(graph.nodes.length, "node")}, ${plural(graph.edges.length, "edge")}`}</title>
        {placed.edges.map(({ edge, path, labelX, labelY }, at) => (
          <g key={at} className={drawn.edge}>
            <path d={path} fill="none" strokeWidth={Math.min(5, 1.25 + Math.log10(1 + Math.max(0, edge.weight)))} />
            <text x={labelX} y={labelY - 6} textAnchor="middle">
              {edge.stats}
            </text>
            <title>{`${edge.source} → ${edge.target}: ${edge.stats}`}</title>
          </g>
        ))}
        {placed.nodes.map(({ node, x, y }) => (
          <g key={node.id} transform={`translate(${x},${y})`} className={drawn.node}>
            <rect width={NODE_WIDTH} height={NODE_HEIGHT} rx={6} />
            <text x={14} y={node.stats ? 22 : 31} className={drawn.name}>
              {truncateMiddle(node.title, NAME_MAX)}
            </text>
            <text x={14} y={39} className={drawn.figures}>
              {node.stats}
            </text>
            <title>{`${node.title} ${node.stats}`}</title>
          </g>
        ))}
      </svg>
      {graph.nodes.length > NODES_MAX && (
        <p className="small soft">
          The first {NODES_MAX} of {graph.nodes.length} nodes are drawn: narrow the query.
        </p>
      )}
    </div>
  );
}
