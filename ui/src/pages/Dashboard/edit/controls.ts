/** What can be set of a panel, by where it stands in the model. Everything else of a panel stays as it is. */
import type { BoardPanel } from "@/api/types";

export type Kind = BoardPanel["options"]["kind"];
export type Control = { path: string; label: string; fallback?: unknown } & (
  | { as: "choice"; choices: readonly (readonly [value: string, label: string])[] }
  | { as: "many"; choices: readonly (readonly [value: string, label: string])[] }
  | { as: "switch" }
  | { as: "number"; min?: number; max?: number }
  | { as: "text"; placeholder?: string }
  | { as: "long" }
);

const plain = (...values: string[]) => values.map((value) => [value, value] as const);
const CALCULATIONS = [
  ["lastNotNull", "last"],
  ["firstNotNull", "first"],
  ["mean", "mean"],
  ["min", "min"],
  ["max", "max"],
  ["sum", "sum"],
  ["count", "count"],
  ["range", "range"],
  ["delta", "delta"],
  ["p50", "p50"],
  ["p95", "p95"],
  ["p99", "p99"],
] as const;

export const KINDS: readonly (readonly [Kind, string])[] = [
  ["timeseries", "Time series"],
  ["stat", "Stat"],
  ["gauge", "Gauge"],
  ["bargauge", "Bar gauge"],
  ["table", "Table"],
  ["barchart", "Bar chart"],
  ["pie", "Pie"],
  ["heatmap", "Heatmap"],
  ["histogram", "Histogram"],
  ["state-timeline", "State timeline"],
  ["status-history", "Status history"],
  ["logs", "Logs"],
  ["traces", "Traces"],
  ["nodeGraph", "Node graph"],
  ["text", "Text"],
];

const LEGEND: readonly Control[] = [
  { path: "legend.show", label: "Show a legend", as: "switch", fallback: true },
  { path: "legend.mode", label: "Form", as: "choice", choices: plain("list", "table"), fallback: "list" },
  { path: "legend.placement", label: "Place", as: "choice", choices: plain("bottom", "right"), fallback: "bottom" },
  { path: "legend.calculations", label: "Values", as: "many", choices: CALCULATIONS },
];
const TOOLTIP: readonly Control[] = [
  {
    path: "tooltip.mode",
    label: "Tooltip",
    as: "choice",
    choices: plain("single", "multi", "none"),
    fallback: "single",
  },
];
const REDUCE: readonly Control[] = [
  {
    path: "reduce.calculations",
    label: "Value of a series",
    as: "many",
    choices: CALCULATIONS,
    fallback: ["lastNotNull"],
  },
  { path: "reduce.all_values", label: "Each value by itself", as: "switch" },
];
const VALUES = plain("auto", "always", "never");
const ORIENTATION: Control = {
  ...{ path: "orientation", label: "Direction", as: "choice", fallback: "auto" },
  choices: plain("auto", "horizontal", "vertical"),
};

/** Of each kind, below `options`. */
export const OPTIONS: Partial<Record<Kind, readonly Control[]>> = {
  timeseries: [...LEGEND, ...TOOLTIP],
  stat: [
    ...REDUCE,
    { path: "color", label: "Colour", as: "choice", choices: plain("none", "value", "background"), fallback: "value" },
    { path: "graph", label: "Line behind", as: "choice", choices: plain("none", "area"), fallback: "area" },
    {
      ...{ path: "text", label: "Text", as: "choice", fallback: "auto" },
      choices: [...plain("auto", "value"), ["value_and_name", "value and name"], ...plain("name", "none")],
    },
  ],
  gauge: [...REDUCE, { path: "threshold_markers", label: "Thresholds around it", as: "switch", fallback: true }],
  bargauge: [...REDUCE, { path: "unfilled", label: "Show what is not filled", as: "switch", fallback: true }],
  table: [
    { path: "header", label: "Headings", as: "switch", fallback: true },
    { path: "footer", label: "Footer", as: "many", choices: CALCULATIONS },
  ],
  heatmap: [
    { path: "calculate", label: "Count values into buckets", as: "switch" },
    { path: "unit", label: "Unit of the axis", as: "text", placeholder: "s" },
    { path: "scheme", label: "Colours", as: "text", placeholder: "Oranges" },
    { path: "y_reverse", label: "Upside down", as: "switch" },
  ],
  histogram: [
    { path: "bucket_count", label: "Buckets", as: "number", min: 1 },
    { path: "bucket_size", label: "Size of a bucket", as: "number" },
    { path: "combine", label: "All series together", as: "switch" },
    ...LEGEND,
  ],
  pie: [
    ...REDUCE,
    { path: "donut", label: "Ring", as: "switch" },
    { path: "legend.show", label: "Show a legend", as: "switch", fallback: true },
  ],
  barchart: [
    ORIENTATION,
    { path: "x_field", label: "Field along the axis", as: "text" },
    { path: "stack", label: "Stack", as: "choice", choices: plain("off", "normal", "percent"), fallback: "off" },
    { path: "show_values", label: "Values on bars", as: "choice", choices: VALUES, fallback: "auto" },
  ],
  "state-timeline": [
    { path: "merge", label: "Equal states as one", as: "switch", fallback: true },
    { path: "show_values", label: "Values", as: "choice", choices: VALUES, fallback: "auto" },
  ],
  "status-history": [{ path: "show_values", label: "Values", as: "choice", choices: VALUES, fallback: "auto" }],
  text: [
    {
      path: "mode",
      label: "Written as",
      as: "choice",
      choices: plain("markdown", "html", "code"),
      fallback: "markdown",
    },
    { path: "content", label: "Text", as: "long" },
  ],
  logs: [
    { path: "newest_first", label: "Newest first", as: "switch", fallback: true },
    { path: "wrap", label: "Wrap lines", as: "switch" },
  ],
};

/** Below `fields.defaults`, and below `field` of an override. */
export const FIELD: readonly Control[] = [
  { path: "unit", label: "Unit", as: "text", placeholder: "s, bytes, reqps …" },
  { path: "decimals", label: "Decimals", as: "number", min: 0, max: 20 },
  { path: "min", label: "Min", as: "number" },
  { path: "max", label: "Max", as: "number" },
  { path: "title", label: "Name", as: "text" },
  { path: "no_value", label: "Without a value", as: "text", placeholder: "–" },
];

export const DRAWING: readonly Control[] = [
  { path: "drawing.style", label: "Style", as: "choice", choices: plain("line", "bars", "points"), fallback: "line" },
  { path: "drawing.line_width", label: "Line width", as: "number", min: 0, max: 10 },
  { path: "drawing.fill_opacity", label: "Fill (0 to 100)", as: "number", min: 0, max: 100 },
  { path: "drawing.stack", label: "Stack", as: "choice", choices: plain("off", "normal", "percent"), fallback: "off" },
  {
    path: "drawing.axis",
    label: "Axis",
    as: "choice",
    choices: plain("auto", "left", "right", "hidden"),
    fallback: "auto",
  },
  { path: "drawing.axis_label", label: "Axis label", as: "text" },
  {
    ...{ path: "drawing.thresholds", label: "Thresholds", as: "choice", fallback: "off" },
    choices: plain("off", "line", "dashed", "area"),
  },
  { path: "drawing.span_nulls", label: "Lines over gaps", as: "switch" },
];

/** Those that people set for single fields. */
export const OVERRIDES: readonly Control[] = [
  ...FIELD.filter(({ path }) => path !== "no_value"),
  { path: "color.fixed", label: "Colour", as: "text", placeholder: "red, #3f9fd4" },
  ...DRAWING.filter(({ path }) => /style|fill|stack|axis$/.test(path)),
  { path: "drawing.hide_in_graph", label: "Hide in the graph", as: "switch" },
];

export const TIME: readonly Control[] = [
  { path: "range", label: "Range of its own", as: "text", placeholder: "1h" },
  { path: "shift", label: "Shifted back by", as: "text", placeholder: "1d" },
  { path: "step_min", label: "Least step", as: "text", placeholder: "30s" },
];

/** Another kind keeps of the options what it has, too. */
export function ofKind(options: BoardPanel["options"], kind: Kind): BoardPanel["options"] {
  const known = new Set((OPTIONS[kind] ?? []).map(({ path }) => path.split(".")[0]));
  const kept = Object.entries(options).filter(([key]) => known.has(key) && !OWN.has(key));
  return { ...Object.fromEntries(kept), kind } as BoardPanel["options"];
}

/** Names that mean another thing, or have other values, with each kind. */
const OWN = new Set(["text", "color", "mode", "stack", "unit", "scheme", "calculate", "content", "footer"]);
