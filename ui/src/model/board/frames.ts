/** Answers as tables of named columns, which transformations change and panels draw. Times are milliseconds. */
import type { Labels, QueryData, Sample } from "@/api/prometheus";
import type { BoardQuery } from "@/api/types";
import { legendNames, numberOfText, selectorOf } from "@/model/series";

export type FieldKind = "time" | "number" | "string" | "boolean" | "other";

export interface Field {
  name: string;
  kind: FieldKind;
  values: readonly unknown[];
  labels?: Labels;
  /** What it is called on the panel, where that is not its name. */
  title?: string;
}

export interface Frame {
  /** The query that it answers. */
  ref: string;
  name?: string;
  fields: readonly Field[];
}

export function rowsOf(frame: Frame): number {
  return frame.fields[0]?.values.length ?? 0;
}

export function titleOf(field: Field): string {
  return field.title ?? field.name;
}

export function timeOf(frame: Frame): Field | undefined {
  return frame.fields.find((field) => field.kind === "time");
}

export function numbersOf(frame: Frame): Field[] {
  return frame.fields.filter((field) => field.kind === "number");
}

/** `{{label}}` filled in from the labels; a label that is not there is empty. */
export function legendOf(pattern: string, labels: Labels): string {
  return pattern.replace(/\{\{\s*([^{}]+?)\s*\}\}/g, (_, label: string) => labels[label] ?? "");
}

/** Frames of a PromQL or LogQL answer, by the query's format. `several`: other queries answer beside it. */
export function promFrames(data: QueryData, query: BoardQuery, stepMs: number, several: boolean): Frame[] {
  const series = query.format === "heatmap" ? bucketSeries(data) : seriesOf(data);
  if (query.format === "table") return [tableOf(series, query.ref, several)];
  const names = query.legend
    ? series.map(({ labels }) => legendOf(query.legend ?? "", labels))
    : legendNames(
        series.map(({ labels }) => ({ metric: labels })),
        several ? query.ref : undefined,
      );
  return series.map(({ labels, samples }, at) => ({
    ref: query.ref,
    ...valuesOf(samples, stepMs, labels, names[at] ?? ""),
  }));
}

interface OneSeries {
  labels: Labels;
  samples: readonly (readonly [number, number])[];
}

function seriesOf(data: QueryData): OneSeries[] {
  const number = ([at, text]: Sample) => [at * 1000, numberOfText(text)] as const;
  switch (data.resultType) {
    case "matrix":
      return data.result.map(({ metric, values, histograms }) => ({
        labels: metric,
        samples:
          values?.map(number) ??
          histograms?.map(([at, one]) => [at * 1000, Number(one.sum) / Number(one.count)] as const) ??
          [],
      }));
    case "vector":
      return data.result.map(({ metric, value, histogram }) => ({
        labels: metric,
        samples: value
          ? [number(value)]
          : histogram
            ? [[histogram[0] * 1000, Number(histogram[1].sum) / Number(histogram[1].count)]]
            : [],
      }));
    case "scalar":
      return [{ labels: {}, samples: [number(data.result)] }];
    case "string":
      return [];
  }
}

/** Native histograms as the cumulative series by `le` that classic ones are; everything else as it is. */
function bucketSeries(data: QueryData): OneSeries[] {
  const found =
    data.resultType === "matrix"
      ? data.result.map(({ metric, histograms }) => ({ metric, histograms: histograms ?? [] }))
      : data.resultType === "vector"
        ? data.result.map(({ metric, histogram }) => ({ metric, histograms: histogram ? [histogram] : [] }))
        : [];
  if (!found.some(({ histograms }) => histograms.length > 0)) return seriesOf(data);
  return found.flatMap(({ metric, histograms }) => {
    const bounds = [...new Set(histograms.flatMap(([, one]) => one.buckets?.map(([, , upper]) => upper) ?? []))];
    return bounds
      .sort((a, b) => numberOfText(a) - numberOfText(b))
      .map((le) => ({
        labels: { ...metric, le },
        samples: histograms.map(([at, { buckets = [] }]) => {
          const below = buckets.filter(([, , upper]) => numberOfText(upper) <= numberOfText(le));
          return [at * 1000, below.reduce((sum, [, , , count]) => sum + Number(count), 0)] as const;
        }),
      }));
  });
}

/** A series' columns; a step without a sample is a row without a value, so that its line has a gap. */
function valuesOf(
  samples: OneSeries["samples"],
  stepMs: number,
  labels: Labels,
  title: string,
): Pick<Frame, "name" | "fields"> {
  const times: number[] = [];
  const values: (number | null)[] = [];
  for (const [at, value] of samples) {
    const before = times[times.length - 1];
    if (before !== undefined && at - before > stepMs * 1.5) {
      times.push(before + stepMs);
      values.push(null);
    }
    times.push(at);
    values.push(Number.isNaN(value) ? null : value);
  }
  return {
    name: title,
    fields: [
      { name: "Time", kind: "time", values: times },
      { name: "Value", kind: "number", values, labels, title },
    ],
  };
}

/** One table: time, a column a label, the value. */
function tableOf(series: readonly OneSeries[], ref: string, several: boolean): Frame {
  const rows = series.flatMap(({ labels, samples }) => samples.map(([at, value]) => ({ labels, at, value })));
  const names = [...new Set(series.flatMap(({ labels }) => Object.keys(labels)))].sort();
  return {
    ref,
    fields: [
      { name: "Time", kind: "time", values: rows.map((row) => row.at) },
      ...names.map((name): Field => ({ name, kind: "string", values: rows.map((row) => row.labels[name] ?? "") })),
      { name: several ? `Value #${ref}` : "Value", kind: "number", values: rows.map((row) => row.value) },
    ],
  };
}

/** A table of an SQL answer: kinds are told from ClickHouse's types. */
export function sqlFrame(
  columns: readonly { name: string; type: string }[],
  rows: readonly (readonly unknown[])[],
  ref: string,
): Frame {
  return {
    ref,
    fields: columns.map(({ name, type }, at) => {
      const kind = kindOf(type);
      const values = rows.map((row) => row[at]);
      if (kind === "time") return { name, kind, values: values.map((value) => Date.parse(utc(String(value)))) };
      return {
        name,
        kind,
        values: kind === "number" ? values.map((one) => (one === null ? null : Number(one))) : values,
      };
    }),
  };
}

function kindOf(type: string): FieldKind {
  const plain = type.replace(/^(?:(?:Nullable|LowCardinality)\()+/, "");
  if (/^Date/.test(plain)) return "time";
  if (/^(U?Int|Float|Decimal)/.test(plain)) return "number";
  if (/^Bool/.test(plain)) return "boolean";
  return /^(String|FixedString|Enum|UUID)/.test(plain) ? "string" : "other";
}

function utc(time: string): string {
  return /[zZ]|[+-]\d\d:?\d\d$/.test(time) ? time : `${time.replace(" ", "T")}Z`;
}

/** Names that a table's cell or a series has by its labels, for `${__field.labels.x}`. */
export function fieldName(field: Field): string {
  return field.title ?? (field.labels ? selectorOf(field.labels) : field.name);
}
