import type { BudgetStanding, CostReport, StorageRow } from "@/api/types";
import { searchValue, threeDigits } from "@/lib/format";
import type { Health } from "./red";

/** What costs are told apart by, beside attributes. */
export const DIMENSIONS = {
  kind: "Kind",
  service: "Service",
  feature: "Feature",
  model: "Model",
  provider: "Provider",
  job: "Job",
  job_id: "Run of a job",
  user: "User",
  correlation_id: "Correlation id",
  trace_id: "Trace",
  env: "Environment",
} as const;
export type Dimension = keyof typeof DIMENSIONS;

/** Field names of the search of logs. */
const LOG_FIELDS: Record<Dimension, string> = {
  kind: "cost.kind",
  service: "service",
  feature: "feature",
  model: "model",
  provider: "provider",
  job: "job",
  job_id: "job_id",
  user: "user.id",
  correlation_id: "correlation.id",
  trace_id: "trace_id",
  env: "env",
};
/** Of spans, where they are told by another name. */
const SPAN_FIELDS: Partial<Record<Dimension, string>> = {
  model: "gen_ai.request.model",
  provider: "gen_ai.provider.name",
  job: "job.name",
  job_id: "job.id",
};

export interface Narrowing {
  name: string;
  value: string;
}

export function readMatch(texts: readonly string[] | undefined): Narrowing[] {
  return (texts ?? []).flatMap((text) => {
    const at = text.indexOf("=");
    return at > 0 ? [{ name: text.slice(0, at), value: text.slice(at + 1) }] : [];
  });
}

export function writeMatch(match: readonly Narrowing[]): string[] {
  return match.map((one) => `${one.name}=${one.value}`);
}

/** The same narrowing with one more; a name has one value. */
export function narrowedBy(match: readonly Narrowing[], more: Narrowing): Narrowing[] {
  return [...match.filter((one) => one.name !== more.name), more];
}

/** What a value is called that was not told, or that stands for the rest. */
export function valueName(value: string | null): string {
  if (value === null) return "everything else";
  return value === "" ? "not told" : value;
}

/** `$12.30`, `€0.00042`: two digits after the point, three that count where it is less than a cent. */
export function moneyText(amount: string | null | undefined, currency: string): string {
  if (amount === null || amount === undefined) return "–";
  const value = Number(amount);
  const format = new Intl.NumberFormat("en-US", { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  if (value === 0 || Math.abs(value) >= 0.01) return format.format(value);
  const zero = format.format(0);
  const sign = value < 0 ? "-" : "";
  const small = Math.abs(value) < 1e-9 ? "< 0.000000001" : threeDigits(Math.abs(value));
  return `${sign}${zero.replace(/0[.,]?0*/, small)}`;
}

/** Search of the log records that tell of these costs; a value with `*` is searched with it. */
export function recordsQuery(match: readonly Narrowing[]): string {
  return ["event:cost", ...match.map((one) => term(LOG_FIELDS[one.name as Dimension] ?? one.name, one.value))].join(
    " ",
  );
}

/** Search of the LLM spans behind them; null where the costs are not of language models. */
export function spansQuery(match: readonly Narrowing[]): string | null {
  const kind = match.find((one) => one.name === "kind")?.value;
  if (kind !== undefined && !kind.startsWith("llm.")) return null;
  const rest = match.filter((one) => one.name !== "kind");
  const terms = rest.map((one) => {
    const name = one.name as Dimension;
    return term(SPAN_FIELDS[name] ?? LOG_FIELDS[name] ?? one.name, one.value);
  });
  return ["gen_ai.usage.input_tokens:*", ...terms].join(" ");
}

function term(field: string, value: string): string {
  if (value === "") return `-${field}:*`;
  return value.includes("*") ? `${field}:${value.replace(/ /g, "?")}` : `${field}:${searchValue(value)}`;
}

/** Series over all intervals that any has: where one has nothing is zero. */
export function chartSeries(report: CostReport): { name: string; points: [number, number][] }[] {
  const times = [...new Set(report.series.flatMap((one) => one.points.map((point) => point.at)))].sort((a, b) => a - b);
  return report.series.map((one) => {
    const known = new Map(one.points.map((point) => [point.at, Number(point.amount)]));
    return { name: valueName(one.value), points: times.map((at) => [at * 1000, known.get(at) ?? 0]) };
  });
}

export function budgetHealth(one: BudgetStanding): Health {
  if (one.spent_ratio >= 1) return "bad";
  return one.spent_ratio >= 0.8 || (one.expected_ratio ?? 0) > 1 ? "warning" : "good";
}

/** What a budget's health means, in words. */
export function budgetWords(one: BudgetStanding): string {
  if (one.spent_ratio >= 1) return "spent";
  if ((one.expected_ratio ?? 0) > 1) return "will not do";
  return one.spent_ratio >= 0.8 ? "nearly spent" : "will do";
}

export interface Sender {
  signal: string;
  service: string;
  items: number;
  sentBytes: number;
  diskBytes: number;
  share: number;
  /** What it costs a month; undefined: no price is known. */
  aMonth?: number;
}

/** Who fills the disk over all days, the largest first. */
export function senders(rows: readonly StorageRow[]): Sender[] {
  const found = new Map<string, Sender>();
  const whole = rows.reduce((sum, row) => sum + row.disk_bytes, 0);
  for (const row of rows) {
    const key = `${row.signal}\n${row.service}`;
    const before = found.get(key) ?? {
      signal: row.signal,
      service: row.service,
      items: 0,
      sentBytes: 0,
      diskBytes: 0,
      share: 0,
    };
    before.items += row.items;
    before.sentBytes += row.sent_bytes;
    before.diskBytes += row.disk_bytes;
    if (row.a_month !== null) before.aMonth = (before.aMonth ?? 0) + Number(row.a_month);
    before.share = whole > 0 ? before.diskBytes / whole : 0;
    found.set(key, before);
  }
  return [...found.values()].sort((a, b) => b.diskBytes - a.diskBytes);
}

/** Bytes by day of each signal and service that is among the largest; the rest together. */
export function storageSeries(rows: readonly StorageRow[], most = 8): { name: string; points: [number, number][] }[] {
  const largest = senders(rows).slice(0, most).map(senderName);
  const days = [...new Set(rows.map((row) => row.day))].sort();
  const sums = new Map<string, Map<string, number>>();
  for (const row of rows) {
    const own = senderName(row);
    const name = largest.includes(own) ? own : "everything else";
    const byDay = sums.get(name) ?? new Map<string, number>();
    byDay.set(row.day, (byDay.get(row.day) ?? 0) + row.disk_bytes);
    sums.set(name, byDay);
  }
  return [...sums].map(([name, byDay]) => ({
    name,
    points: days.map((day): [number, number] => [Date.parse(`${day}T00:00:00Z`), byDay.get(day) ?? 0]),
  }));
}

export function senderName(one: { signal: string; service: string }): string {
  return one.service ? `${one.service} (${one.signal})` : one.signal;
}
