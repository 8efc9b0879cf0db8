import { memo } from "react";
import type { BoardPanel } from "@/api/types";
import type { Variables } from "@/model/board/interpolation";
import type { PanelData } from "../usePanelData";
import classes from "../Dashboard.module.css";
import { BarChart } from "./BarChart";
import { BarGauge } from "./BarGauge";
import { Gauge } from "./Gauge";
import { Heatmap } from "./Heatmap";
import { Histogram } from "./Histogram";
import { Logs } from "./Logs";
import { NodeGraph } from "./NodeGraph";
import { Pie } from "./Pie";
import { Stat } from "./Stat";
import { States } from "./States";
import { Table } from "./Table";
import { Text } from "./Text";
import { Timeseries } from "./Timeseries";
import { Traces } from "./Traces";

type Kind = BoardPanel["options"]["kind"];
type OptionsOf<K extends Kind> = Extract<BoardPanel["options"], { kind: K }>;

export interface PanelProps<K extends Kind> {
  options: OptionsOf<K>;
  data: PanelData;
  variables: Variables;
  title: string;
}

export function needsNoData(panel: BoardPanel): boolean {
  return ["text", "refused"].includes(panel.options.kind);
}

/** Coming in sight and going out of it draws nothing anew. */
export const Drawn = memo(function Drawn(props: Omit<PanelProps<Kind>, "options"> & { panel: BoardPanel }) {
  const { panel, data, variables, title } = props;
  const { options } = panel;
  const rest = { data, variables, title };
  const rows = data.frames.reduce((sum, frame) => sum + (frame.fields[0]?.values.length ?? 0), 0);
  if (options.kind === "text") return <Text options={options} {...rest} />;
  if (options.kind === "refused") return <Why>{`A ${options.type} panel cannot be drawn here: ${options.reason}`}</Why>;
  if (options.kind === "logs") return <Logs options={options} {...rest} />;
  if (options.kind === "traces") return <Traces options={options} {...rest} />;
  if (options.kind === "nodeGraph") return <NodeGraph options={options} {...rest} />;
  if (rows === 0) return <Why>{panel.fields?.defaults?.no_value ?? "No data in this time range"}</Why>;
  switch (options.kind) {
    case "timeseries":
      return <Timeseries options={options} {...rest} />;
    case "stat":
      return <Stat options={options} {...rest} />;
    case "gauge":
      return <Gauge options={options} {...rest} />;
    case "bargauge":
      return <BarGauge options={options} {...rest} />;
    case "table":
      return <Table options={options} {...rest} />;
    case "pie":
      return <Pie options={options} {...rest} />;
    case "barchart":
      return <BarChart options={options} {...rest} />;
    case "heatmap":
      return <Heatmap options={options} {...rest} />;
    case "histogram":
      return <Histogram options={options} {...rest} />;
    case "state-timeline":
    case "status-history":
      return <States options={options} {...rest} />;
    default:
      return null;
  }
});

function Why({ children }: { children: string }) {
  return <p className={classes.why}>{children}</p>;
}
