/** What is done with frames before they are drawn. Each is a pure function from frames to frames. */
import type { BoardPanel } from "@/api/types";
import { calculate, calculationTitle } from "./calculations";
import { type Field, type Frame, numbersOf, rowsOf, timeOf, titleOf } from "./frames";
import { compare, regexOf } from "./looks";

export type Transformation = NonNullable<BoardPanel["transformations"]>[number];
type Of<Id extends Transformation["id"]> = Extract<Transformation, { id: Id }>;
type Steps = { [Id in Transformation["id"]]: (frames: readonly Frame[], of: Of<Id>) => Frame[] };

export function transform(frames: readonly Frame[], steps: readonly Transformation[]): Frame[] {
  return steps.reduce<Frame[]>((before, step) => apply(before, step), [...frames]);
}

function apply<Id extends Transformation["id"]>(frames: readonly Frame[], step: Of<Id>): Frame[] {
  return (STEPS[step.id as Id] as (frames: readonly Frame[], of: Of<Id>) => Frame[])(frames, step);
}

const named = (field: Field, name: string) => field.name === name || titleOf(field) === name;

function taking(frame: Frame, rows: readonly number[]): Frame {
  return { ...frame, fields: frame.fields.map((field) => ({ ...field, values: rows.map((at) => field.values[at]) })) };
}

function count(frame: Frame): number[] {
  return Array.from({ length: rowsOf(frame) }, (_, at) => at);
}

/** For comparisons: numbers by size, all else by text. */
function order(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a as string).localeCompare(String(b as string));
}

const STEPS: Steps = {
  organize: (frames, { exclude = [], include, order: wanted = [], rename = {} }) =>
    frames.map((frame) => {
      const kept = frame.fields.filter((field) => {
        const is = (names: readonly string[]) => names.some((name) => named(field, name));
        return !is(exclude) && (!include || is(include));
      });
      const place = (field: Field) => {
        const at = wanted.findIndex((name) => named(field, name));
        return at < 0 ? wanted.length : at;
      };
      const sorted = kept
        .map((field, at) => ({ field, at }))
        .sort((a, b) => place(a.field) - place(b.field) || a.at - b.at);
      return {
        ...frame,
        fields: sorted.map(({ field }) => {
          const title = rename[titleOf(field)] ?? rename[field.name];
          return title ? { ...field, title } : field;
        }),
      };
    }),

  merge: (frames) => {
    if (frames.length < 2) return [...frames];
    const names = [...new Set(frames.flatMap((frame) => frame.fields.map((field) => field.name)))];
    // Keys are the columns that more than one table has, and that are no values.
    const keys = names.filter(
      (name) =>
        frames.filter((frame) => frame.fields.some((one) => one.name === name && one.kind !== "number")).length > 1,
    );
    const rows = new Map<string, Record<string, unknown>>();
    for (const frame of frames)
      for (const at of count(frame)) {
        const row = Object.fromEntries(frame.fields.map((field) => [field.name, field.values[at]]));
        const key = JSON.stringify(keys.map((name) => row[name] ?? null));
        rows.set(key, { ...rows.get(key), ...row });
      }
    return [fromRows(frames, names, [...rows.values()])];
  },

  joinByField: (frames, { field, mode = "outer" }) => {
    const keyOf = (frame: Frame) => (field ? frame.fields.find((one) => named(one, field)) : timeOf(frame));
    const keyed = frames.flatMap((frame) => {
      const key = keyOf(frame);
      return key ? [{ frame, key }] : [];
    });
    const [first] = keyed;
    if (!first) return [...frames];
    const inAll = (value: unknown) => keyed.every(({ key }) => key.values.includes(value));
    const values = [...new Set(keyed.flatMap(({ key }) => key.values))].filter((one) => mode !== "inner" || inAll(one));
    values.sort(order);
    const columns = keyed.flatMap(({ frame, key }) => {
      const at = new Map(key.values.map((value, index) => [value, index]));
      return frame.fields
        .filter((one) => one !== key)
        .map((one): Field => ({ ...one, values: values.map((value) => one.values[at.get(value) ?? -1] ?? null) }));
    });
    return [{ ref: first.frame.ref, fields: [{ ...first.key, values }, ...columns] }];
  },

  reduce: (frames, { calculations = ["max"], mode = "rows", labels_to_fields: labelled }) => {
    if (mode === "fields")
      return frames.map((frame) => ({
        ...frame,
        fields: numbersOf(frame).map((field) => ({
          ...field,
          values: [calculate(calculations[0] ?? "max", field.values)],
        })),
      }));
    const fields = frames.flatMap(numbersOf);
    const labels = labelled ? [...new Set(fields.flatMap((field) => Object.keys(field.labels ?? {})))] : [];
    return [
      {
        ref: frames[0]?.ref ?? "A",
        fields: [
          { name: "Field", kind: "string", values: fields.map(titleOf) },
          ...labels.map((name): Field => ({
            name,
            kind: "string",
            values: fields.map((one) => one.labels?.[name] ?? ""),
          })),
          ...calculations.map((id): Field => ({
            name: calculationTitle(id),
            kind: "number",
            values: fields.map((one) => calculate(id, one.values)),
          })),
        ],
      },
    ];
  },

  filterFieldsByName: (frames, of) =>
    frames
      .map((frame) => ({
        ...frame,
        fields: frame.fields.filter((field) => {
          const is = (names: readonly string[] | null | undefined, regex: string | null | undefined) =>
            (names ?? []).some((name) => named(field, name)) ||
            (regex ? (regexOf(regex)?.test(titleOf(field)) ?? false) : false);
          const included = !of.include && !of.include_regex ? true : is(of.include, of.include_regex);
          return included && !is(of.exclude, of.exclude_regex);
        }),
      }))
      .filter((frame) => frame.fields.length > 0),

  filterByRefId: (frames, { include }) => {
    const regex = include.startsWith("/") ? regexOf(include) : null;
    return frames.filter(({ ref }) => (regex ? regex.test(ref) : ref === include));
  },

  filterByValue: (frames, { keep = true, match = "any", tests = [] }) =>
    frames.map((frame) => {
      const checks = tests.flatMap((test) => {
        const field = frame.fields.find((one) => named(one, test.field));
        return field ? [(at: number) => passes(field.values[at], test.test, test.values ?? [])] : [];
      });
      if (checks.length === 0) return frame;
      const fits = (at: number) => (match === "all" ? checks.every((one) => one(at)) : checks.some((one) => one(at)));
      return taking(
        frame,
        count(frame).filter((at) => fits(at) === keep),
      );
    }),

  groupBy: (frames, { fields }) =>
    frames.map((frame) => {
      const find = (name: string) => frame.fields.find((one) => named(one, name));
      const keys = fields.filter((one) => one.operation === "groupby").flatMap((one) => find(one.field) ?? []);
      const groups = new Map<string, number[]>();
      for (const at of count(frame)) {
        const key = JSON.stringify(keys.map((field) => field.values[at] ?? null));
        groups.set(key, [...(groups.get(key) ?? []), at]);
      }
      const rows = [...groups.values()];
      const aggregated = fields
        .filter((one) => one.operation === "aggregate")
        .flatMap(({ field: name, calculations = [] }) => {
          const field = find(name);
          if (!field) return [];
          return calculations.map((id): Field => ({
            name: `${titleOf(field)} (${id})`,
            kind: "number",
            values: rows.map((at) =>
              calculate(
                id,
                at.map((row) => field.values[row]),
              ),
            ),
          }));
        });
      const grouped = keys.map((field) => ({ ...field, values: rows.map(([at = 0]) => field.values[at]) }));
      return { ...frame, fields: [...grouped, ...aggregated] };
    }),

  calculateField: (frames, of) =>
    frames.map((frame) => {
      const made = calculated(frame, of);
      if (!made) return frame;
      const time = timeOf(frame);
      return { ...frame, fields: of.replace ? [...(time ? [time] : []), made] : [...frame.fields, made] };
    }),

  sortBy: (frames, { sort }) =>
    frames.map((frame) => {
      const by = sort.flatMap(({ field: name, descending }) => {
        const field = frame.fields.find((one) => named(one, name));
        return field ? [{ field, sign: descending ? -1 : 1 }] : [];
      });
      const rows = count(frame).sort((a, b) => {
        for (const { field, sign } of by) {
          const found = order(field.values[a], field.values[b]) * sign;
          if (found !== 0) return found;
        }
        return a - b;
      });
      return taking(frame, rows);
    }),

  renameByRegex: (frames, { regex, replacement = "" }) => {
    const pattern = regexOf(regex);
    if (!pattern) return [...frames];
    return frames.map((frame) => ({
      ...frame,
      fields: frame.fields.map((field) =>
        field.kind === "time" ? field : { ...field, title: titleOf(field).replace(pattern, replacement) },
      ),
    }));
  },

  labelsToFields: (frames, { mode = "columns", keep, value_label: valueLabel }) => {
    const wanted = (name: string) => !keep || keep.length === 0 || keep.includes(name);
    const found = frames.map((frame): Frame => {
      const labels = Object.assign({}, ...frame.fields.map((field) => field.labels ?? {})) as Record<string, string>;
      const names = Object.keys(labels).filter((name) => wanted(name) && name !== valueLabel);
      if (mode === "rows")
        return {
          ref: frame.ref,
          fields: [
            { name: "label", kind: "string", values: names },
            { name: "value", kind: "string", values: names.map((name) => labels[name] ?? "") },
          ],
        };
      const rows = rowsOf(frame);
      const columns = names.map((name): Field => ({
        name,
        kind: "string",
        values: Array<string>(rows).fill(labels[name] ?? ""),
      }));
      const values = frame.fields.map((field): Field => {
        if (!field.labels) return field;
        const name = (valueLabel && field.labels[valueLabel]) || field.name;
        return { name, kind: field.kind, values: field.values };
      });
      const [time, ...others] = values[0]?.kind === "time" ? values : [undefined, ...values];
      return { ...frame, fields: [...(time ? [time] : []), ...columns, ...others.filter((one) => one !== undefined)] };
    });
    return mode === "columns" ? STEPS.merge(found, { id: "merge" }) : found;
  },

  limit: (frames, { rows = 10 }) => frames.map((frame) => taking(frame, count(frame).slice(0, rows))),

  concatenate: (frames, { frame_names: names = "field", label = "frame" }) => {
    const [first] = frames;
    if (!first) return [];
    const length = Math.max(...frames.map(rowsOf));
    const fields = frames.flatMap((frame) =>
      frame.fields.map((field): Field => ({
        ...field,
        values: Array.from({ length }, (_, at) => field.values[at] ?? null),
        ...(names === "field" && frame.name ? { title: `${frame.name} · ${titleOf(field)}` } : {}),
        ...(names === "label" ? { labels: { ...field.labels, [label]: frame.name ?? frame.ref } } : {}),
      })),
    );
    return [{ ref: first.ref, fields }];
  },

  seriesToRows: (frames) => {
    const rows = frames.flatMap((frame) => {
      const time = timeOf(frame);
      return numbersOf(frame).flatMap((field) =>
        field.values.map((value, at) => ({ time: time?.values[at], metric: titleOf(field), value })),
      );
    });
    rows.sort((a, b) => order(b.time, a.time));
    return [
      {
        ref: frames[0]?.ref ?? "A",
        fields: [
          { name: "Time", kind: "time", values: rows.map((row) => row.time) },
          { name: "Metric", kind: "string", values: rows.map((row) => row.metric) },
          { name: "Value", kind: "number", values: rows.map((row) => row.value) },
        ],
      },
    ];
  },

  convertFieldType: (frames, { conversions = [] }) =>
    frames.map((frame) => ({
      ...frame,
      fields: frame.fields.map((field) => {
        const to = conversions.find((one) => named(field, one.field))?.type;
        return to ? { ...field, kind: to, values: field.values.map((value) => converted(value, to)) } : field;
      }),
    })),
};

function fromRows(frames: readonly Frame[], names: readonly string[], rows: readonly Record<string, unknown>[]): Frame {
  const fields = names.flatMap((name) => {
    const [field] = frames.flatMap((frame) => frame.fields.filter((one) => one.name === name));
    return field ? [{ ...field, values: rows.map((row) => row[name] ?? null) }] : [];
  });
  return { ref: frames[0]?.ref ?? "A", fields };
}

function passes(value: unknown, test: string, [a, b]: readonly unknown[]): boolean {
  const number = Number(value);
  const text = String(value as string);
  switch (test) {
    case "greater":
      return compare(number, ">", Number(a));
    case "greaterOrEqual":
      return compare(number, ">=", Number(a));
    case "lower":
      return compare(number, "<", Number(a));
    case "lowerOrEqual":
      return compare(number, "<=", Number(a));
    case "equal":
      return text === String(a as string);
    case "notEqual":
      return text !== String(a as string);
    case "between":
      return number >= Number(a) && number <= Number(b);
    case "regex":
      return regexOf(String(a as string))?.test(text) ?? false;
    case "isNull":
      return value === null || value === undefined;
    case "isNotNull":
      return value !== null && value !== undefined;
    case "substring":
      return text.toLowerCase().includes(String(a as string).toLowerCase());
    case "notSubstring":
      return !text.toLowerCase().includes(String(a as string).toLowerCase());
    default:
      return true;
  }
}

const BINARY: Record<string, (a: number, b: number) => number> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "**": (a, b) => a ** b,
  "%": (a, b) => a % b,
  ">": (a, b) => Number(a > b),
  "<": (a, b) => Number(a < b),
  ">=": (a, b) => Number(a >= b),
  "<=": (a, b) => Number(a <= b),
  "=": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
};
const UNARY: Record<string, (a: number) => number> = {
  abs: Math.abs,
  exp: Math.exp,
  ln: Math.log,
  floor: Math.floor,
  ceil: Math.ceil,
  round: Math.round,
};

function calculated(frame: Frame, of: Of<"calculateField">): Field | undefined {
  const rows = count(frame);
  const column = (name: string | null | undefined) => frame.fields.find((one) => name && named(one, name));
  const at = (field: Field, row: number) => Number(field.values[row] ?? Number.NaN);
  const made = (name: string, values: readonly unknown[]): Field => ({
    name: of.alias || name,
    kind: "number",
    values,
  });
  switch (of.mode ?? "row") {
    case "index":
      return made("Row", of.percentile ? rows.map((row) => row / Math.max(1, rows.length)) : rows);
    case "unary": {
      const field = column(of.left);
      const act = UNARY[of.operator ?? ""];
      return (
        field &&
        act &&
        made(
          `${of.operator}(${titleOf(field)})`,
          rows.map((row) => act(at(field, row))),
        )
      );
    }
    case "binary": {
      const act = BINARY[of.operator ?? ""];
      const side = (name: string | null | undefined) => {
        const field = column(name);
        if (field) return (row: number) => at(field, row);
        return name && Number.isFinite(Number(name)) ? () => Number(name) : undefined;
      };
      const [left, right] = [side(of.left), side(of.right)];
      if (!act || !left || !right) return undefined;
      return made(
        `${of.left} ${of.operator} ${of.right}`,
        rows.map((row) => act(left(row), right(row))),
      );
    }
    case "row": {
      const fields = numbersOf(frame).filter((field) => !of.include || of.include.some((name) => named(field, name)));
      const id = of.calculation ?? "sum";
      return made(
        calculationTitle(id),
        rows.map((row) =>
          calculate(
            id,
            fields.map((field) => field.values[row]),
          ),
        ),
      );
    }
  }
}

function converted(value: unknown, to: "number" | "string" | "time" | "boolean"): unknown {
  if (value === null || value === undefined) return null;
  if (to === "number") return Number(value);
  if (to === "time") return typeof value === "number" ? value : Date.parse(String(value as string));
  if (to === "boolean") return value === true || value === "true" || value === 1 || value === "1";
  return String(value as string);
}
