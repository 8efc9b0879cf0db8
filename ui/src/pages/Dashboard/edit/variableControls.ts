/** What can be set of a variable, by its kind. */
import type { VariableKind } from "@/model/board/variableEdits";
import type { Control } from "./controls";

export const KIND_NAMES: Record<VariableKind, string> = {
  query: "Query",
  custom: "List of values",
  interval: "Interval",
  datasource: "Data source",
  textbox: "Text",
  constant: "Constant",
  adhoc: "Filters (ad hoc)",
};

export const SEEN: Control = {
  path: "hide",
  label: "On the board",
  as: "choice",
  fallback: "no",
  choices: [
    ["no", "with its label"],
    ["label", "without its label"],
    ["all", "not shown"],
  ],
};

export const ASKED: readonly Control[] = [
  {
    path: "query.language",
    label: "Source",
    as: "choice",
    fallback: "promql",
    choices: [
      ["promql", "PromQL"],
      ["logql", "LogQL"],
    ],
  },
  {
    path: "query.kind",
    label: "Values are",
    as: "choice",
    choices: [
      ["label_values", "values of a label"],
      ["label_names", "names of labels"],
      ["metrics", "names of metrics"],
      ["series", "series"],
      ["query_result", "what a query answers"],
    ],
  },
];

export const FOUND: readonly Control[] = [
  { path: "regex", label: "Only those that fit", as: "text", placeholder: "/api-(.*)/" },
  {
    path: "sort",
    label: "Order",
    as: "choice",
    fallback: "none",
    choices: [
      ["none", "as answered"],
      ["asc", "A to Z"],
      ["desc", "Z to A"],
      ["caseless-asc", "a to Z, case aside"],
      ["caseless-desc", "Z to a, case aside"],
      ["numeric-asc", "1 to 9"],
      ["numeric-desc", "9 to 1"],
    ],
  },
];

export const SEVERAL: readonly Control[] = [
  { path: "multi", label: "Several at once", as: "switch" },
  { path: "all", label: 'A choice "All"', as: "switch" },
];
export const FOR_ALL: Control = {
  path: "all_value",
  label: '"All" stands for',
  as: "text",
  placeholder: "every value",
};

export const AUTO: readonly Control[] = [{ path: "auto", label: "A choice that follows the time range", as: "switch" }];
export const AUTO_PARTS: readonly Control[] = [
  { path: "auto_steps", label: "Steps in the range", as: "number", min: 1, max: 10_000, fallback: 30 },
  { path: "auto_min", label: "Shortest", as: "text", placeholder: "10s" },
];

export const SOURCE: Control = {
  path: "datasource",
  label: "Of the kind",
  as: "choice",
  choices: [
    ["prometheus", "Prometheus"],
    ["loki", "Loki"],
    ["jaeger", "Jaeger"],
  ],
};
