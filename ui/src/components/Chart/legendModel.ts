import type { ChartSeries } from "./option";

export interface LegendRow {
  series: ChartSeries;
  last: number | null;
  min: number | null;
  max: number | null;
}

export function legendRow(series: ChartSeries): LegendRow {
  let last: number | null = null;
  let min: number | null = null;
  let max: number | null = null;
  for (const [, value] of series.points) {
    if (value === null) continue;
    last = value;
    min = min === null ? value : Math.min(min, value);
    max = max === null ? value : Math.max(max, value);
  }
  return { series, last, min, max };
}

export type LegendSort = "as drawn" | "name" | "last" | "max";

export function sortLegend(rows: readonly LegendRow[], by: LegendSort): LegendRow[] {
  const sorted = [...rows];
  if (by === "name") sorted.sort((a, b) => a.series.name.localeCompare(b.series.name));
  if (by === "last" || by === "max") sorted.sort((a, b) => (b[by] ?? -Infinity) - (a[by] ?? -Infinity));
  return sorted;
}

/** Click shows one series alone, and all again when it was alone; Ctrl-click adds or takes away one. */
export function toggleSeries(
  names: readonly string[],
  hidden: ReadonlySet<string>,
  name: string,
  adding: boolean,
): ReadonlySet<string> {
  if (adding) {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    return next.size === names.length ? new Set() : next;
  }
  const alone = !hidden.has(name) && hidden.size === names.length - 1;
  return alone ? new Set() : new Set(names.filter((one) => one !== name));
}
