import type { Labels, MatrixSeries } from "@/api/prometheus";
import type { ChartSeries } from "@/components/Chart";

const DIGITS = 12;

const QUOTED = (text: string) => `"${text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n")}"`;
const PLAIN_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** A label set as PromQL selects it: `up{job="api"}`, or `{"http.requests", job="api"}` where the name needs quotes. */
export function selectorOf(labels: Labels): string {
  const { __name__: name = "", ...others } = labels;
  const pairs = Object.entries(others)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([label, value]) => `${PLAIN_NAME.test(label) ? label : QUOTED(label)}=${QUOTED(value)}`);
  if (name !== "" && !PLAIN_NAME.test(name)) return `{${[QUOTED(name), ...pairs].join(", ")}}`;
  return pairs.length > 0 ? `${name}{${pairs.join(", ")}}` : name || "{}";
}

/** What a series without labels is called. */
export const UNNAMED = "Value";

/** Names of series for a legend: only what tells them apart; a single series has its whole name, or, without any label, `unnamed`. */
export function legendNames(series: readonly { metric: Labels }[], unnamed = UNNAMED): string[] {
  const whole = (labels: Labels) => (Object.keys(labels).length > 0 ? selectorOf(labels) : unnamed);
  if (series.length < 2) return series.map((one) => whole(one.metric));
  const labels = [...new Set(series.flatMap((one) => Object.keys(one.metric)))].sort();
  const differing = labels.filter((label) => new Set(series.map((one) => one.metric[label] ?? "")).size > 1);
  const [only, ...more] = differing;
  return series.map(({ metric }) => {
    if (only !== undefined && more.length === 0) return metric[only] || `no ${only}`;
    const kept = Object.fromEntries(Object.entries(metric).filter(([label]) => differing.includes(label)));
    return Object.keys(kept).length > 0 ? selectorOf(kept) : whole(metric);
  });
}

/** Prometheus's text of a number: `NaN`, `+Inf`, `-Inf` or digits. */
export function numberOfText(text: string): number {
  if (text === "+Inf") return Infinity;
  return text === "-Inf" ? -Infinity : Number(text);
}

/** Lines of a chart; where a series has no sample at a step, its line has a gap. */
export function chartSeries(found: readonly MatrixSeries[], step: number): ChartSeries[] {
  const names = legendNames(found);
  return found.map((one, at) => ({ name: names[at] ?? "", points: pointsOf(one, step) }));
}

function pointsOf(series: MatrixSeries, step: number): (readonly [number, number | null])[] {
  const points: (readonly [number, number | null])[] = [];
  // Of a native histogram a line can show its average alone.
  const samples: readonly (readonly [number, number])[] =
    series.values?.map(([at, text]) => [at, numberOfText(text)] as const) ??
    series.histograms?.map(([at, one]) => [at, Number(one.sum) / Number(one.count)] as const) ??
    [];
  let before: number | null = null;
  for (const [at, value] of samples) {
    if (before !== null && at - before > step * 1.5) points.push([(before + step) * 1000, null]);
    // A constant computed anew at each step differs in its last digits, which no axis should be stretched to show.
    points.push([at * 1000, Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : null]);
    before = at;
  }
  return points;
}
