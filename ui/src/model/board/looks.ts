/** How a field's values look: what overrides make of a field, thresholds, mappings, colours. */
import type { BoardField, BoardFields, BoardMapping, BoardMatcher, BoardThresholds } from "@/api/types";
import type { Zone } from "@/lib/format";
import { calculate } from "./calculations";
import { type Field, type Frame, titleOf } from "./frames";
import { interpolate, type Variables } from "./interpolation";
import { formatUnit } from "./units";

/** A field with what its panel says of it. */
export interface Looked extends Field {
  look: BoardField;
}
export interface LookedFrame extends Omit<Frame, "fields"> {
  fields: readonly Looked[];
}

/** Every field with the panel's defaults and the overrides that are for it, in order. */
export function withLooks(
  frames: readonly Frame[],
  fields: BoardFields | undefined,
  variables: Variables,
): LookedFrame[] {
  const { defaults = {}, overrides = [] } = fields ?? {};
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      const look = overrides.reduce<BoardField>(
        (before, override) => (fits(override.matcher, field, frame) ? merged(before, override.field) : before),
        defaults,
      );
      const title = look.title ? nameOf(look.title, field, variables) : undefined;
      return { ...field, look, ...(title ? { title } : {}) };
    }),
  }));
}

function merged(before: BoardField, more: BoardField): BoardField {
  const set = Object.entries(more).filter(([, value]) => value !== null && value !== undefined);
  return {
    ...before,
    ...Object.fromEntries(set),
    ...(more.drawing ? { drawing: { ...before.drawing, ...definedOf(more.drawing) } } : {}),
    ...(more.cell ? { cell: { ...before.cell, ...definedOf(more.cell) } } : {}),
  };
}

function definedOf<T extends object>(of: T): Partial<T> {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== null)) as Partial<T>;
}

function nameOf(pattern: string, field: Field, variables: Variables): string {
  const own = pattern
    .replace(/\$\{__field\.labels\.([^}]+)\}/g, (_, label: string) => field.labels?.[label.replace(/^"|"$/g, "")] ?? "")
    .replace(/\$\{__(?:field\.name|field\.displayName|series\.name)\}/g, titleOf(field));
  return interpolate(own, variables, "text");
}

function fits({ by, match }: BoardMatcher, field: Field, frame: Frame): boolean {
  const names = [field.name, titleOf(field)];
  const [first = ""] = match;
  switch (by) {
    case "name":
    case "names":
      return match.some((name) => names.includes(name));
    case "names_but":
      return !match.some((name) => names.includes(name));
    case "regex":
      return names.some((name) => regexOf(first)?.test(name));
    case "type":
      return match.includes(field.kind);
    case "query":
      return match.includes(frame.ref);
    case "value": {
      const [calculation = "", operator = "", than = ""] = match;
      return compare(Number(calculate(calculation, field.values)), operator, Number(than));
    }
  }
}

/** Of `/text/flags`, or of the text itself; null where it is none. */
export function regexOf(text: string): RegExp | null {
  const written = /^\/(.*)\/([a-z]*)$/s.exec(text);
  try {
    return written ? new RegExp(written[1] ?? "", written[2]) : new RegExp(text);
  } catch {
    return null;
  }
}

export function compare(value: number, operator: string, than: number): boolean {
  switch (operator) {
    case "gt":
    case ">":
      return value > than;
    case "gte":
    case ">=":
      return value >= than;
    case "lt":
    case "<":
      return value < than;
    case "lte":
    case "<=":
      return value <= than;
    case "ne":
    case "!=":
      return value !== than;
    default:
      return value === than;
  }
}

/** A value's text and colour. */
export interface Shown {
  text: string;
  color?: string;
}

export function show(value: unknown, look: BoardField, zone: Zone = "local"): Shown {
  const mapping = mappingOf(value, look.mappings ?? []);
  const color = mapping?.color ? cssColor(mapping.color) : thresholdColor(value, look);
  return { text: mapping?.text ?? textOf(value, look, zone), ...(color ? { color } : {}) };
}

function textOf(value: unknown, look: BoardField, zone: Zone): string {
  if (value === null || value === undefined || value === "") return look.no_value ?? "–";
  if (typeof value === "number") return formatUnit(value, look.unit ?? "", look.decimals ?? undefined, zone);
  if (typeof value === "string" && look.unit && value.trim() !== "" && Number.isFinite(Number(value)))
    return formatUnit(Number(value), look.unit, look.decimals ?? undefined, zone);
  return typeof value === "object" ? JSON.stringify(value) : String(value as string | boolean);
}

function mappingOf(value: unknown, mappings: readonly BoardMapping[]): BoardMapping | undefined {
  return mappings.find(({ kind, match, from_value: from, to_value: to }) => {
    const text = String(value as string);
    switch (kind) {
      case "value":
        return text === match;
      case "range":
        return typeof value === "number" && value >= (from ?? -Infinity) && value <= (to ?? Infinity);
      case "regex":
        return regexOf(match ?? "")?.test(text) ?? false;
      case "special":
        if (match === "null") return value === null || value === undefined;
        if (match === "nan") return Number.isNaN(value);
        if (match === "null+nan") return value === null || value === undefined || Number.isNaN(value);
        if (match === "empty") return value === "";
        return text === match;
    }
  });
}

/** The step that a value has reached. */
export function thresholdColor(value: unknown, look: BoardField): string | undefined {
  if (look.color?.mode === "fixed") return cssColor(look.color.fixed ?? "green");
  if (typeof value !== "number" || !look.thresholds) return undefined;
  const at = look.thresholds.steps.findLast((step) => value >= bound(step.from_value, look.thresholds, look));
  return cssColor((at ?? look.thresholds.steps[0])?.color ?? "green");
}

/** Where a step begins, as a value of the field. */
export function bound(from: number | null, thresholds: BoardThresholds | null | undefined, look: BoardField): number {
  if (from === null) return -Infinity;
  if (thresholds?.mode !== "percentage") return from;
  const [min, max] = [look.min ?? 0, look.max ?? 100];
  return min + ((max - min) * from) / 100;
}

const NAMED: Record<string, string> = {
  green: "var(--good-line)",
  yellow: "var(--warning-line)",
  orange: "var(--series-1)",
  red: "var(--bad-line)",
  blue: "var(--info-line)",
  purple: "var(--series-5)",
  text: "var(--text)",
  transparent: "transparent",
  gray: "var(--text-soft)",
  grey: "var(--text-soft)",
};

/** Grafana's names of colours (`semi-dark-red`) are the page's own; what CSS takes is taken as it is. */
export function cssColor(color: string): string {
  const base = color.replace(/^(?:super-light|light|semi-dark|dark)-/, "");
  return Object.hasOwn(NAMED, base) ? (NAMED[base] ?? color) : color;
}
