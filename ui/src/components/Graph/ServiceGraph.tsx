import { IconCloud, IconDatabase, IconServer2, IconStack3, IconTransfer } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import type { CorrelationGap, MapEdge, MapNode, ServiceMap } from "@/api/types";
import { formatMillis, formatRate, formatShare, truncateMiddle } from "@/lib/format";
import { gapText, gapWord } from "@/model/correlation";
import { healthOf } from "@/model/red";
import { Frame } from "./Frame";
import classes from "./Graph.module.css";
import { NODE_HEIGHT, NODE_WIDTH, type PlacedEdge, type PlacedNode, placeMap } from "./layout";

const ICON = {
  service: IconServer2,
  database: IconDatabase,
  cache: IconStack3,
  queue: IconTransfer,
  external: IconCloud,
};
const NAME_MAX = 18;
/** Smaller than this its words cannot be read: then the picture scrolls. */
const SCALE_MIN = 0.8;
const LETTER = 5.9;
const NO_GAPS: readonly CorrelationGap[] = [];

/** Services and what they call. Pointing at a node, or its focus, brings out its calls and lets the rest step back. */
export function ServiceGraph({
  map,
  focus,
  gaps = NO_GAPS,
  label = "Map of services",
  title,
  className,
}: {
  map: Pick<ServiceMap, "nodes" | "edges">;
  focus?: string | undefined;
  /** Calls on which a correlation id gets lost. */
  gaps?: readonly CorrelationGap[];
  label?: string;
  title: string;
  className?: string | undefined;
}) {
  const placed = useMemo(() => placeMap(map), [map]);
  const [pointed, setPointed] = useState<string | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const [box, node] = [
      scroller.current,
      placed.nodes.find(({ node }) => (focus ? node.name === focus : healthOf(node) === "bad")),
    ];
    if (!box || !node) return;
    box.scrollTo(
      (node.x / placed.width) * box.scrollWidth - box.clientWidth / 2,
      (node.y / placed.height) * box.scrollHeight - box.clientHeight / 2,
    );
  }, [placed, focus]);
  return (
    <Frame box={scroller} scaleMin={SCALE_MIN} {...{ label, title, placed, className }}>
      {(arrow) => (
        <>
          {placed.edges.map((edge) => (
            <Edge
              key={`${edge.edge.source} ${edge.edge.target}`}
              placed={edge}
              arrow={arrow(healthOf(edge.edge))}
              gap={gaps.find((one) => one.source === edge.edge.source && one.target === edge.edge.target)}
              back={pointed !== null && edge.edge.source !== pointed && edge.edge.target !== pointed}
            />
          ))}
          {placed.nodes.map((node) => (
            <Node key={node.node.name} placed={node} focused={node.node.name === focus} onPoint={setPointed} />
          ))}
        </>
      )}
    </Frame>
  );
}

function Edge({
  placed: { edge, path, labelX, labelY },
  arrow,
  gap,
  back,
}: {
  placed: PlacedEdge<MapEdge>;
  arrow: string;
  gap: CorrelationGap | undefined;
  back: boolean;
}) {
  const tone = healthOf(edge);
  const failing = tone === "bad" || tone === "warning";
  const lines = [
    formatRate(edge.rate),
    ...(failing ? [`${formatShare(edge.error_ratio)} errors`] : []),
    ...(gap ? [gapWord(gap)] : []),
  ];
  const width = Math.max(...lines.map((line) => line.length)) * LETTER + 6;
  return (
    <g className={classes.edge} data-tone={tone} data-back={back} data-gap={gap !== undefined}>
      <path d={path} fill="none" strokeWidth={Math.min(5, 1.25 + Math.log10(1 + edge.rate))} markerEnd={arrow} />
      <rect x={labelX - width / 2} y={labelY - lines.length * 7} width={width} height={lines.length * 14} />
      {lines.map((line, at) => (
        <text
          key={line}
          className={gap && at === lines.length - 1 ? classes.gap : undefined}
          x={labelX}
          y={labelY - lines.length * 7 + 11 + at * 14}
          textAnchor="middle"
        >
          {line}
        </text>
      ))}
      <title>
        {`${edge.source} → ${edge.target}: ${formatRate(edge.rate)}, ${formatShare(edge.error_ratio)} errors, p95 ${formatMillis(edge.p95_ms)}`}
        {gap && `; ${gapText(gap)}`}
      </title>
    </g>
  );
}

function Node({
  placed: { node, x, y },
  focused,
  onPoint,
}: {
  placed: PlacedNode<MapNode>;
  focused: boolean;
  onPoint: (name: string | null) => void;
}) {
  const tone = healthOf(node);
  const Icon = ICON[node.type];
  const body = (
    <g
      transform={`translate(${x},${y})`}
      className={classes.node}
      data-tone={tone}
      data-focused={focused}
      onMouseEnter={() => onPoint(node.name)}
      onMouseLeave={() => onPoint(null)}
    >
      <rect width={NODE_WIDTH} height={NODE_HEIGHT} rx={node.type === "service" ? 6 : 26} />
      <Icon x={14} y={17} width={18} height={18} stroke={1.5} aria-hidden />
      <text x={42} y={22} className={classes.name}>
        {truncateMiddle(node.name, NAME_MAX)}
      </text>
      <text x={42} y={39} className={classes.figures} data-tone={tone}>
        {formatRate(node.rate)}
        {node.errors > 0 && ` · ${formatShare(node.error_ratio)} errors`}
        {node.p95_ms !== null && node.errors === 0 && ` · p95 ${formatMillis(node.p95_ms)}`}
      </text>
      <title>{`${node.name} (${node.type})`}</title>
    </g>
  );
  if (node.type !== "service") return body;
  return (
    <Link
      to="/services/$name"
      params={{ name: node.name }}
      draggable={false}
      className={classes.link}
      onFocus={() => onPoint(node.name)}
      onBlur={() => onPoint(null)}
    >
      {body}
    </Link>
  );
}
