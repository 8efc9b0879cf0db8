import { useMemo } from "react";
import { foremost, ServiceGraph, TableGraph } from "@/components/Graph";
import { graphOf } from "@/model/board/graph";
import type { PanelProps } from ".";
import classes from "../Dashboard.module.css";

/** Nodes and edges of the panel's tables; a query of traces stands for the services and what they call. */
export function NodeGraph({ data, title }: PanelProps<"nodeGraph">) {
  const graph = useMemo(() => graphOf(data.frames), [data.frames]);
  const calls = useMemo(() => data.calls && foremost(data.calls), [data.calls]);
  if (graph.nodes.length > 0) return <TableGraph graph={graph} title={title} className={classes.nodes} />;
  if (calls && calls.nodes.length > 0)
    return <ServiceGraph map={calls} label={`Graph of ${title}`} title={title} className={classes.nodes} />;
  return <p className={classes.why}>{data.calls ? NO_CALLS : data.frames.some(hasRows) ? NO_COLUMNS : NO_DATA}</p>;
}

const NO_CALLS = "No calls in this time range";
const NO_COLUMNS = "Expected columns source and target, or id: choose the format “table”.";
const NO_DATA = "No data in this time range";

function hasRows(frame: { fields: readonly { values: readonly unknown[] }[] }): boolean {
  return (frame.fields[0]?.values.length ?? 0) > 0;
}
