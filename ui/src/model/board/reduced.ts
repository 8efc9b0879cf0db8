/** From frames to the single values that stat, gauge, bar gauge and pie panels show. */
import type { BoardField, BoardReduce } from "@/api/types";
import type { Zone } from "@/lib/format";
import { calculate } from "./calculations";
import { type Field, titleOf } from "./frames";
import { bound, type Looked, type LookedFrame, regexOf, show, type Shown } from "./looks";

export interface Reduced extends Shown {
  title: string;
  value: unknown;
  look: BoardField;
  /** What it was calculated of, for a line behind it. */
  values: readonly unknown[];
}

const DEFAULT = ["lastNotNull"];

export function reduced(
  frames: readonly LookedFrame[],
  reduce: BoardReduce | undefined,
  zone: Zone = "local",
): Reduced[] {
  const calculations = reduce?.calculations?.length ? reduce.calculations : DEFAULT;
  const [calculation = "lastNotNull"] = calculations;
  return frames.flatMap((frame) => {
    const fields = frame.fields.filter((field) => isWanted(field, reduce?.fields ?? ""));
    if (!reduce?.all_values)
      return fields.map((field) => one(nameOf(field, frame), calculate(calculation, field.values), field, zone));
    const [named] = frame.fields.filter((field) => field.kind === "string");
    return fields.flatMap((field) =>
      field.values
        .slice(0, reduce.limit ?? 25)
        .map((value, at) =>
          one(String((named?.values[at] as string | undefined) ?? titleOf(field)), value, field, zone),
        ),
    );
  });
}

function one(title: string, value: unknown, field: Looked, zone: Zone): Reduced {
  return { title, value, look: field.look, values: field.values, ...show(value, field.look, zone) };
}

function isWanted(field: Field, wanted: string): boolean {
  if (wanted === "") return field.kind === "number";
  return wanted.startsWith("/") ? (regexOf(wanted)?.test(titleOf(field)) ?? false) : titleOf(field) === wanted;
}

/** A table's column that is one of several rows has its labels in other columns: then the frame's name says more. */
function nameOf(field: Looked, frame: LookedFrame): string {
  const [label] = frame.fields.filter((one) => one.kind === "string");
  if (field.name.startsWith("Value") && !field.title && label?.values.length === 1)
    return String(label.values[0] as string);
  return titleOf(field);
}

/** What of a series can be drawn behind a single value: `0/0` and the like are left out. */
export function trendOf({ values }: Pick<Reduced, "values">): number[] {
  return values.filter((value): value is number => Number.isFinite(value));
}

/** The range that a gauge spans: what the field says, else from its thresholds and values. */
export function spanOf(all: readonly Reduced[]): (of: Reduced) => readonly [number, number] {
  const numbers = all.flatMap(({ value }) => (typeof value === "number" && Number.isFinite(value) ? [value] : []));
  const [least, greatest] = [Math.min(0, ...numbers), Math.max(0, ...numbers)];
  return ({ look }) => {
    const share = look.unit === "percentunit" ? 1 : look.unit === "percent" ? 100 : undefined;
    const steps = (look.thresholds?.steps ?? []).map((step) => bound(step.from_value, look.thresholds, look));
    const top = Math.max(greatest, ...steps.filter(Number.isFinite));
    return [look.min ?? least, look.max ?? share ?? (top > least ? top : least + 1)];
  };
}
