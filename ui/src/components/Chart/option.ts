import { realColor, seriesColor } from "@/lib/colors";
import { isCounted, timeTicks } from "@/model/ticks";
import { formatAbsolute, formatTick, type Zone } from "@/lib/format";
import { BAND, bandAt, bandOption, type ChartBand, type ChartSpan, outsideOption, spanAreas } from "./band";

/** One line or stack of bars: milliseconds and values; null is a gap. */
export interface ChartSeries {
  name: string;
  points: readonly (readonly [number, number | null])[];
  color?: string;
  dashed?: boolean;
  area?: boolean;
}

export interface ChartMarker {
  label: string;
  /** A vertical line at a time, or a horizontal one at a value. */
  atMs?: number;
  atValue?: number;
}

/** A single thing that was measured, as an exemplar: drawn over the lines. */
export interface ChartDot {
  atMs: number;
  value: number;
  id: string;
  label: string;
}

export interface ChartInput {
  series: readonly ChartSeries[];
  dots: readonly ChartDot[];
  band?: ChartBand | undefined;
  spans?: readonly ChartSpan[] | undefined;
  /** Whether the axis of values begins at zero whatever the values are. */
  fromZero: boolean;
  kind: "line" | "bars";
  startMs: number;
  endMs: number;
  format: (value: number) => string;
  markers: readonly ChartMarker[];
  zone: Zone;
  /** Pixels that the chart is wide. */
  width: number;
}

/** Room that a time takes on the axis. */
const TICK_PIXELS = 56;

export function colorOf(series: ChartSeries): string {
  return series.color ?? seriesColor(series.name);
}

export function chartOption(input: ChartInput): Record<string, unknown> {
  const soft = realColor("var(--text-soft)");
  const line = realColor("var(--line)");
  const rangeMs = input.endMs - input.startMs;
  return {
    animation: false,
    // The name of a line at a time stands above the grid.
    grid: { left: 52, right: 12, top: input.markers.some(({ label, atMs }) => label && atMs) ? 18 : 10, bottom: 22 },
    xAxis: {
      type: "time",
      min: input.startMs,
      max: input.endMs,
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
      axisLabel: {
        color: soft,
        fontSize: 11,
        customValues: timeTicks(
          input.startMs,
          input.endMs,
          Math.max(2, Math.floor(input.width / TICK_PIXELS)),
          input.zone,
        ),
        formatter: (ms: number) => formatTick(ms, rangeMs, input.zone),
      },
      splitLine: { show: false },
    },
    yAxis: {
      type: "value",
      ...(input.fromZero ? { min: 0 } : { scale: true }),
      splitNumber: 3,
      // Of what is counted there is no third.
      ...(input.series.every(({ points }) => isCounted(points)) ? { minInterval: 1 } : {}),
      axisLabel: { color: soft, fontSize: 11, formatter: input.format },
      splitLine: { lineStyle: { color: line } },
    },
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0,
      backgroundColor: realColor("var(--bg)"),
      borderColor: realColor("var(--line-strong)"),
      textStyle: { color: realColor("var(--text)"), fontSize: 12 },
      axisPointer: { type: "line", lineStyle: { color: realColor("var(--line-strong)") } },
      formatter: (items: TooltipItem | TooltipItem[]) => tooltip([items].flat(), input),
    },
    brush: {
      toolbox: [],
      xAxisIndex: 0,
      brushStyle: { color: "rgba(120,120,160,0.2)", borderColor: realColor("var(--accent)"), borderWidth: 1 },
    },
    series: [
      ...(input.band ? bandOption(input.band) : []),
      ...input.series.map((one, index) => seriesOption(one, input, index === 0)),
      ...(input.dots.length > 0 ? [dotsOption(input.dots)] : []),
      ...(input.band ? [outsideOption(input.band)] : []),
    ],
  };
}

interface TooltipItem {
  seriesId?: string;
  seriesName: string;
  color: string;
  value: [number, number | null];
}

const ROWS_MAX = 12;

function tooltip(items: readonly TooltipItem[], input: ChartInput): HTMLElement {
  const box = document.createElement("div");
  const head = document.createElement("div");
  head.textContent = formatAbsolute(items[0]?.value[0] ?? input.startMs, input.zone).replace(".000", "");
  head.style.fontWeight = "600";
  box.append(head);
  const lines = items.filter((item) => !item.seriesId?.startsWith(BAND));
  const sorted = lines.sort((a, b) => (b.value[1] ?? -1) - (a.value[1] ?? -1)).slice(0, ROWS_MAX);
  for (const { color, seriesName, value } of sorted)
    box.append(tooltipRow(color, seriesName, value[1] === null ? "no data" : input.format(value[1])));
  const range = input.band && bandAt(input.band, items[0]?.value[0] ?? input.startMs);
  if (input.band && range)
    box.append(tooltipRow(realColor(input.band.color), input.band.name, range.map(input.format).join(" – ")));
  return box;
}

function tooltipRow(color: string, name: string, value: string): HTMLElement {
  const row = document.createElement("div");
  row.style.cssText = "display:flex;gap:8px;align-items:center";
  const dot = document.createElement("span");
  dot.style.cssText = `width:8px;height:8px;border-radius:2px;background:${color}`;
  const told = document.createElement("span");
  told.textContent = name;
  const figure = document.createElement("span");
  figure.style.cssText = "margin-left:auto;padding-left:16px;font-variant-numeric:tabular-nums";
  figure.textContent = value;
  row.append(dot, told, figure);
  return row;
}

function seriesOption(series: ChartSeries, input: ChartInput, first: boolean): Record<string, unknown> {
  const color = realColor(colorOf(series));
  const shared = {
    name: series.name,
    data: series.points,
    itemStyle: { color },
    emphasis: { disabled: true },
    ...(first && input.markers.length > 0 ? { markLine: markLines(input.markers) } : {}),
    // Without a line there is nothing to hang the spans on.
    ...(first && input.spans ? { markArea: spanAreas(input.spans) } : {}),
  };
  if (input.kind === "bars") return { ...shared, type: "bar", stack: "all", barCategoryGap: "12%", large: true };
  return {
    ...shared,
    type: "line",
    showSymbol: series.points.length <= SYMBOLS_MAX,
    symbol: "circle",
    // A point between two gaps has no line: it is drawn as a dot.
    symbolSize: (_: unknown, at: { dataIndex: number }) => (stands(series, at.dataIndex) ? 5 : 0),
    connectNulls: false,
    sampling: "minmax",
    lineStyle: { color, width: series.dashed ? 1 : 1.75, type: series.dashed ? [4, 4] : "solid" },
    ...(series.area ? { areaStyle: { color, opacity: 0.12 } } : {}),
  };
}

/** Above this many points dots are not looked for. */
const SYMBOLS_MAX = 1000;

function stands(series: ChartSeries, at: number): boolean {
  const gap = (index: number) => (series.points[index]?.[1] ?? null) === null;
  return gap(at - 1) && gap(at + 1);
}

export const DOTS = "dots";

function dotsOption(dots: readonly ChartDot[]): Record<string, unknown> {
  return {
    id: DOTS,
    name: "Traces",
    type: "scatter",
    data: dots.map(({ atMs, value }) => [atMs, value]),
    symbol: "diamond",
    symbolSize: 9,
    z: 5,
    cursor: "pointer",
    itemStyle: { color: realColor("var(--accent)"), opacity: 0.8 },
  };
}

function markLines(markers: readonly ChartMarker[]): Record<string, unknown> {
  return {
    symbol: "none",
    silent: true,
    lineStyle: { color: realColor("var(--warning-line)"), type: "dashed", width: 1 },
    label: { color: realColor("var(--text-soft)"), fontSize: 10, formatter: "{b}" },
    data: markers.map(({ label, atMs, atValue }) =>
      atMs === undefined ? { name: label, yAxis: atValue } : { name: label, xAxis: atMs },
    ),
  };
}
