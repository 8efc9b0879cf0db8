import type { Metadata } from "@/api/prometheus";

/** What a metric is, as far as its metadata or, without any, its name tells. */
export type MetricKind = "counter" | "gauge" | "histogram" | "native histogram" | "summary" | "info" | "unknown";

const PARTS = ["_bucket", "_count", "_sum", "_total"] as const;

export interface Metric {
  /** As it is selected; of a classic histogram, without `_bucket`. */
  name: string;
  kind: MetricKind;
  help: string;
  unit: string;
}

/** Metrics as people think of them: a classic histogram is one, not its three kinds of series. */
export function metricsOf(names: readonly string[], metadata: Readonly<Record<string, readonly Metadata[]>>): Metric[] {
  const there = new Set(names);
  const found = new Map<string, Metric>();
  for (const name of names) {
    const family = familyOf(name, there);
    if (found.has(family)) continue;
    const [about] = metadata[family] ?? metadata[name] ?? metadata[name.replace(/_total$/, "")] ?? [];
    const kind = there.has(`${family}_bucket`) ? "histogram" : kindOf(name, about?.type);
    found.set(family, { name: family, kind, help: about?.help ?? "", unit: about?.unit ?? "" });
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

function familyOf(name: string, there: ReadonlySet<string>): string {
  for (const part of PARTS.slice(0, 3)) {
    const family = name.endsWith(part) ? name.slice(0, -part.length) : "";
    if (family !== "" && there.has(`${family}_bucket`)) return family;
  }
  return name;
}

function kindOf(name: string, type: string | undefined): MetricKind {
  if (type === "histogram" || type === "gaugehistogram") return "native histogram";
  if (type === "counter" || type === "gauge" || type === "summary" || type === "info") return type;
  if (name.endsWith("_info")) return "info";
  return /_(total|count|sum|bucket)$/.test(name) ? "counter" : "unknown";
}

export const FIGURES = ["value", "rate", "increase", "average", "p50", "p95", "p99"] as const;
export type Figure = (typeof FIGURES)[number];

/** The figures that make sense of a metric, the most usual first. */
export function figuresOf(kind: MetricKind): readonly Figure[] {
  switch (kind) {
    case "counter":
      return ["rate", "increase", "value"];
    case "histogram":
    case "native histogram":
      return ["p95", "p99", "p50", "average", "rate"];
    default:
      return ["value", "average"];
  }
}

export interface Built {
  metric: Metric;
  figure: Figure;
  /** Label matchers as they stand in the braces: `job="api"`. */
  matchers: readonly string[];
  by: readonly string[];
}

const QUANTILES: Partial<Record<Figure, string>> = { p50: "0.5", p95: "0.95", p99: "0.99" };

/** The query that somebody new to PromQL would have to be told. */
export function buildQuery({ metric, figure, matchers, by }: Built): string {
  const select = (name: string, range = "") => {
    const plain = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
    const inside = [...(plain ? [] : [JSON.stringify(name)]), ...matchers].join(", ");
    return `${plain ? name : ""}${inside ? `{${inside}}` : ""}${range}`;
  };
  const rate = (name: string) => `rate(${select(name, "[$__rate_interval]")})`;
  const sum = (inner: string, more: readonly string[] = []) => {
    const labels = [...by, ...more];
    return labels.length > 0 ? `sum by (${labels.join(", ")}) (${inner})` : `sum(${inner})`;
  };
  const { name, kind } = metric;
  const quantile = QUANTILES[figure];
  if (kind === "histogram") {
    if (quantile) return `histogram_quantile(${quantile}, ${sum(rate(`${name}_bucket`), ["le"])})`;
    if (figure === "average") return `${sum(rate(`${name}_sum`))} / ${sum(rate(`${name}_count`))}`;
    return sum(rate(`${name}_count`));
  }
  if (kind === "native histogram") {
    if (quantile) return `histogram_quantile(${quantile}, ${sum(rate(name))})`;
    if (figure === "average") return `histogram_avg(${sum(rate(name))})`;
    return `histogram_count(${sum(rate(name))})`;
  }
  if (figure === "rate") return sum(rate(name));
  if (figure === "increase") return sum(`increase(${select(name, "[$__range]")})`);
  if (figure === "average")
    return by.length > 0 ? `avg by (${by.join(", ")}) (${select(name)})` : `avg(${select(name)})`;
  return by.length > 0 ? `sum by (${by.join(", ")}) (${select(name)})` : select(name);
}

/** How a query's values read, told from the names in it. */
export function unitOf(query: string): "seconds" | "bytes" | "ratio" | "per second" | "none" {
  const counted = /\b(rate|irate)\s*\(/.test(query);
  if (/histogram_(quantile|avg)/.test(query) || !counted) {
    if (/_seconds(_bucket|_sum|_total)?\b/.test(query) && !/_count\b/.test(query)) return "seconds";
    if (/_bytes(_bucket|_total)?\b/.test(query)) return "bytes";
    if (/_ratio\b/.test(query)) return "ratio";
  }
  if (/_seconds_sum\b/.test(query) && /_seconds_count\b/.test(query)) return "seconds";
  return counted && !/\/\s*(sum|rate|\()/.test(query) && !/_quantile/.test(query) ? "per second" : "none";
}
