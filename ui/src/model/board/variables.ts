/** What can be chosen of a board's variables, and what is. Pure: what a query answered is handed in. */
import type { BoardOption, BoardVariable } from "@/api/types";
import type { Chosen } from "./interpolation";
import { durationMs, durationText, intervalMs } from "./intervals";
import { regexOf } from "./looks";

export const ALL = "$__all";
export const AUTO = "$__auto";

/** Options from what a query answered: those that fit, each once, sorted. */
export function optionsOf(variable: BoardVariable, answered: readonly string[]): BoardOption[] {
  if (variable.kind !== "query") return variable.options ?? [];
  const regex = variable.regex ? regexOf(variable.regex) : null;
  const found = new Map<string, BoardOption>();
  for (const one of answered) {
    const match = regex ? regex.exec(one) : null;
    if (regex && !match) continue;
    const value = match?.groups?.["value"] ?? match?.[1] ?? one;
    found.set(value, { value, text: match?.groups?.["text"] ?? match?.[1] ?? value });
  }
  return sorted([...found.values()], variable.sort ?? "none");
}

function sorted(options: BoardOption[], by: NonNullable<BoardVariable["sort"]>): BoardOption[] {
  if (by === "none") return options;
  const [kind, direction = kind] = by.split("-");
  const number = (text: string) => Number(/-?\d+(?:\.\d+)?/.exec(text)?.[0] ?? Number.NaN);
  const compare = (a: BoardOption, b: BoardOption) => {
    if (kind === "numeric") return number(a.text) - number(b.text) || 0;
    if (kind === "caseless") return a.text.toLowerCase().localeCompare(b.text.toLowerCase());
    return a.text < b.text ? -1 : Number(a.text > b.text);
  };
  const up = options.sort(compare);
  return direction === "desc" ? up.reverse() : up;
}

/** The values in the address, else the board's, else the first; of those that there are. */
export function pickedOf(
  variable: BoardVariable,
  options: readonly BoardOption[],
  asked: readonly string[] | undefined,
): string[] {
  if (variable.kind === "textbox" || variable.kind === "constant")
    return [asked?.[0] ?? variable.chosen?.[0] ?? options[0]?.value ?? ""];
  const wanted = asked ?? variable.chosen ?? [];
  // What the address asks for holds even where nothing answers to it now.
  if (asked && asked.length > 0) return variable.multi ? [...asked] : asked.slice(0, 1);
  const there = wanted.filter((value) => value === ALL || value === AUTO || options.some((one) => one.value === value));
  if (there.length > 0) return variable.multi ? there : there.slice(0, 1);
  if (variable.all && (wanted.length > 0 || !options[0])) return [ALL];
  if (variable.all) return [ALL];
  return options[0] ? [options[0].value] : [];
}

export function chosenOf(
  variable: BoardVariable,
  options: readonly BoardOption[],
  picked: readonly string[],
  rangeMs: number,
): Chosen {
  const many = Boolean(variable.multi || variable.all);
  if (picked.includes(ALL)) {
    const values = options.map((one) => one.value);
    if (variable.all_value) return { values, many, raw: variable.all_value, texts: ["All"] };
    return { values, many, texts: ["All"] };
  }
  if (picked.includes(AUTO)) {
    const step = intervalMs(rangeMs, variable.auto_steps ?? 30, durationMs(variable.auto_min ?? "10s") ?? 10_000);
    return { values: [durationText(step)] };
  }
  const texts = picked.map((value) => options.find((one) => one.value === value)?.text ?? value);
  return { values: picked, many, texts };
}
