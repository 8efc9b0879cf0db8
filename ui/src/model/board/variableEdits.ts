/** Changes of a board's variables as pure functions. */
import type { BoardOption, BoardPanel, BoardVariable, BoardVariableQuery, Dashboard } from "@/api/types";
import { namedIn, renamedIn } from "./interpolation";

export type VariableKind = BoardVariable["kind"];

/** What each kind has beside what every variable has. Another kind keeps what it has, too. */
const PARTS: Record<VariableKind, readonly (keyof BoardVariable)[]> = {
  query: ["query", "datasource", "regex", "sort", "refresh", "multi", "all", "all_value", "chosen"],
  custom: ["options", "multi", "all", "all_value", "chosen"],
  interval: ["options", "auto", "auto_steps", "auto_min", "chosen"],
  datasource: ["datasource", "chosen"],
  textbox: ["chosen"],
  constant: ["chosen"],
  adhoc: ["filters", "datasource"],
};
const ALWAYS: readonly (keyof BoardVariable)[] = ["name", "label", "description", "hide"];
const INTERVALS = ["1m", "5m", "15m", "1h"];

export function newVariable(taken: readonly string[]): BoardVariable {
  return ofKind({ name: freeName(taken), kind: "query" }, "query");
}

function freeName(taken: readonly string[]): string {
  for (let at = 1; ; at++) {
    const name = `variable${at}`;
    if (!taken.includes(name)) return name;
  }
}

/** The same as another kind; what was chosen at first holds for values of the one alone. */
export function ofKind(variable: BoardVariable, kind: VariableKind): BoardVariable {
  const kept = new Set<string>([...ALWAYS, ...PARTS[kind]]);
  const parts = Object.fromEntries(Object.entries(variable).filter(([key]) => kept.has(key)));
  const found: BoardVariable = { ...(parts as unknown as BoardVariable), kind };
  if (kind !== variable.kind) delete found.chosen;
  if (kind === "query") found.query ??= { kind: "label_values" };
  if (kind === "interval" && kind !== variable.kind) found.options = INTERVALS.map((value) => ({ value, text: value }));
  if (kind === "datasource" && kind !== variable.kind) found.datasource = "prometheus";
  return found;
}

const NAME_MAX = 100;

/** Why a variable cannot be called so; null where it can. */
export function nameProblem(name: string, others: readonly string[]): string | null {
  if (name === "") return "a variable needs a name";
  if (!/^\w+$/.test(name)) return "letters, digits and _ alone";
  if (name.startsWith("__")) return "names that begin with __ are Midwatch's own";
  if (name.length > NAME_MAX) return `at most ${NAME_MAX} characters`;
  return others.includes(name) ? "another variable has this name" : null;
}

/** One a line: a value, or `what is shown : value`. */
export function optionsText(options: readonly BoardOption[]): string {
  return options.map(({ text, value }) => (text === value ? value : `${text} : ${value}`)).join("\n");
}

export function optionsIn(text: string): BoardOption[] {
  return text.split("\n").flatMap((line) => {
    const [, shown, value] = /^(.+?)\s:\s(.+)$/.exec(line.trim()) ?? [];
    const plain = line.trim();
    if (shown && value) return [{ text: shown.trim(), value: value.trim() }];
    return plain ? [{ text: plain, value: plain }] : [];
  });
}

/** As people write it by hand: `label_values(up, job)`. */
export function queryText({ kind, label, match }: BoardVariableQuery): string {
  if (kind === "label_values") return `label_values(${[match, label].filter(Boolean).join(", ")})`;
  return kind === "series" ? (match ?? "") : `${kind}(${match ?? ""})`;
}

/** What a variable asks or holds, in a line. */
export function summaryOf({ kind, query, options, chosen, filters, datasource }: BoardVariable): string {
  switch (kind) {
    case "query":
      return query ? queryText(query) : "";
    case "custom":
    case "interval":
      return (options ?? []).map(({ text }) => text).join(", ");
    case "datasource":
      return datasource ?? "";
    case "adhoc":
      return (filters ?? []).map(({ key, operator, value }) => `${key} ${operator} ${value}`).join(", ");
    default:
      return chosen?.[0] ?? "";
  }
}

/** Names in a query of variables that are filled after it, and so not yet when it asks. */
export function tooLate(variable: BoardVariable, later: readonly BoardVariable[]): string[] {
  const asked = namedIn(`${variable.query?.label ?? ""} ${variable.query?.match ?? ""}`);
  return later.flatMap(({ name }) => (asked.includes(name) ? [name] : []));
}

/** What of a board speaks of a variable: titles of panels and rows, names of other variables. */
export function usesOf(board: Dashboard, name: string): string[] {
  const speaks = (value: unknown) => textsOf(value).some((text) => namedIn(text).includes(name));
  const panels = (board.rows ?? []).flatMap((row) => [
    ...(row.repeat === name || speaks(row.title) ? [row.title || "a row"] : []),
    ...(row.panels ?? [])
      .filter((panel) => panel.repeat?.variable === name || speaks(panel))
      .map((panel: BoardPanel) => panel.title || "a panel without a title"),
  ]);
  const others = (board.variables ?? []).filter((one) => one.name !== name && speaks(one)).map((one) => `$${one.name}`);
  const lines = (board.annotations ?? []).filter(speaks).map((one) => one.name);
  return [...panels, ...others, ...lines];
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return value && typeof value === "object" ? Object.values(value).flatMap(textsOf) : [];
}

/** A board with other variables; whatever speaks of one that has another name now, speaks of that. */
export function withVariables(
  board: Dashboard,
  variables: readonly BoardVariable[],
  names: ReadonlyMap<string, string>,
): Dashboard {
  const now = { ...board, variables: [...variables] };
  if (names.size === 0) return now;
  const repeat = (name: string) => names.get(name) ?? name;
  const renamed = inTexts(now, (text) => renamedIn(text, names));
  const rows = (renamed.rows ?? []).map((row) => {
    const panels = (row.panels ?? []).map((panel) =>
      panel.repeat && names.has(panel.repeat.variable)
        ? { ...panel, repeat: { ...panel.repeat, variable: repeat(panel.repeat.variable) } }
        : panel,
    );
    return { ...row, panels, ...(row.repeat ? { repeat: repeat(row.repeat) } : {}) };
  });
  return { ...renamed, rows };
}

/** The same value where no text in it changes. */
function inTexts<T>(value: T, change: (text: string) => string): T {
  if (typeof value === "string") return change(value) as T;
  if (Array.isArray(value)) {
    const found: unknown[] = value.map((one: unknown) => inTexts(one, change));
    return found.some((one, at) => one !== value[at]) ? (found as T) : value;
  }
  if (value === null || typeof value !== "object") return value;
  const found = Object.entries(value).map(([key, one]) => [key, inTexts(one as unknown, change)] as const);
  const changed = found.some(([key, one]) => one !== (value as Record<string, unknown>)[key]);
  return changed ? (Object.fromEntries(found) as T) : value;
}
