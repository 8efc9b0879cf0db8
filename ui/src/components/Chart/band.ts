import { realColor } from "@/lib/colors";

type Points = readonly (readonly [number, number | null])[];

/** A range behind the lines in which one of them is usual, and that line's points that are outside of it. */
export interface ChartBand {
  name: string;
  color: string;
  lower: Points;
  upper: Points;
  /** The line's points; null where it is inside. */
  outside: Points;
}

/** A stretch of time, shaded from foot to top. */
export interface ChartSpan {
  startMs: number;
  endMs: number;
  color: string;
}

/** What the band is drawn with begins so: it has no rows of its own in the tooltip. */
export const BAND = "band-";
const FILL = 0.16;

/** The range is two lines that are stacked, the upper one filled down to the lower. */
export function bandOption(band: ChartBand): Record<string, unknown>[] {
  const color = realColor(band.color);
  const stacked = {
    type: "line",
    stack: "band",
    // Also where the lower end is below zero.
    stackStrategy: "all",
    silent: true,
    showSymbol: false,
    connectNulls: false,
    emphasis: { disabled: true },
    itemStyle: { color },
    z: 1,
  };
  const heights = band.upper.map(([at, upper], index) => {
    const lower = band.lower[index]?.[1] ?? null;
    return [at, upper === null || lower === null ? null : upper - lower];
  });
  const edge = { color, width: 0.5, opacity: 0.6 };
  return [
    { ...stacked, id: `${BAND}lower`, name: band.name, data: band.lower, lineStyle: edge },
    {
      ...{ ...stacked, id: `${BAND}upper`, name: band.name, data: heights, lineStyle: edge },
      areaStyle: { color, opacity: FILL },
    },
  ];
}

/** Over the line itself, dots and all: a single point outside has no neighbour to draw a line to. */
export function outsideOption(band: ChartBand): Record<string, unknown> {
  const color = realColor("var(--bad-line)");
  return {
    ...{ id: `${BAND}outside`, name: band.name, type: "line", data: band.outside, connectNulls: false, silent: true },
    ...{ symbol: "circle", symbolSize: 4, showSymbol: true, emphasis: { disabled: true }, z: 4 },
    ...{ itemStyle: { color }, lineStyle: { color, width: 2.25 } },
  };
}

/** The range at a time, as its two ends. */
export function bandAt(band: ChartBand, atMs: number): [number, number] | null {
  const at = band.lower.findIndex(([ms]) => ms === atMs);
  const [lower, upper] = [band.lower[at]?.[1] ?? null, band.upper[at]?.[1] ?? null];
  return lower === null || upper === null ? null : [lower, upper];
}

export function spanAreas(spans: readonly ChartSpan[]): Record<string, unknown> {
  return {
    silent: true,
    data: spans.map((span) => [
      { xAxis: span.startMs, itemStyle: { color: realColor(span.color), opacity: 0.15 } },
      { xAxis: span.endMs },
    ]),
  };
}
