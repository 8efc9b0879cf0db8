/** Options for ECharts of panels over time and of bars. Pure: colours come in as CSS and are made real by the caller. */
import type { BoardField, BoardTimeseries } from "@/api/types";
import { formatAbsolute, formatTick, type Zone } from "@/lib/format";
import { UNNAMED } from "@/model/series";
import { timeTicks } from "@/model/ticks";
import { titleOf } from "./frames";
import { bound, cssColor, type Looked, type LookedFrame, show } from "./looks";
import { formatUnit } from "./units";

export interface Line {
  name: string;
  color: string;
  look: BoardField;
  points: readonly (readonly [number, number | null])[];
}

/** The lines of a graph: every column of numbers over the column of times. */
export function linesOf(frames: readonly LookedFrame[], colorOf: (name: string) => string): Line[] {
  const found = frames.flatMap((frame) => {
    const time = frame.fields.find((field) => field.kind === "time");
    if (!time) return [];
    return frame.fields
      .filter((field) => field.kind === "number" && !field.look.drawing?.hide_in_graph)
      .map((field) => ({ field, name: titleOf(field), points: pointsOf(time, field) }));
  });
  return found.map(({ field, name, points }) => ({
    name,
    points,
    look: field.look,
    color: fixedOf(field.look) ?? colorOf(name),
  }));
}

function fixedOf(look: BoardField): string | undefined {
  return look.color?.mode === "fixed" || look.color?.mode === "shades"
    ? cssColor(look.color.fixed ?? "green")
    : undefined;
}

function pointsOf(time: Looked, field: Looked): (readonly [number, number | null])[] {
  const sign = field.look.drawing?.negative_y ? -1 : 1;
  return time.values.map((at, index) => {
    const value = field.values[index];
    return [Number(at), typeof value === "number" && Number.isFinite(value) ? value * sign : null] as const;
  });
}

export interface TimeInput {
  lines: readonly Line[];
  startMs: number;
  endMs: number;
  width: number;
  zone: Zone;
  real: (color: string) => string;
  tooltip: NonNullable<BoardTimeseries["tooltip"]>;
}

const TICK_PIXELS = 64;
const TOOLTIP_ROWS = 15;

export function timeOption(input: TimeInput): Record<string, unknown> {
  const { lines, startMs, endMs, width, zone, real } = input;
  const right = lines.some((line) => line.look.drawing?.axis === "right");
  const axisOf = (line: Line) => (line.look.drawing?.axis === "right" ? 1 : 0);
  return {
    animation: false,
    grid: { left: 56, right: right ? 56 : 12, top: 8, bottom: 22 },
    xAxis: {
      ...{ type: "time", min: startMs, max: endMs },
      axisLine: { lineStyle: { color: real("var(--line)") } },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: {
        color: real("var(--text-soft)"),
        fontSize: 11,
        customValues: timeTicks(startMs, endMs, Math.max(2, Math.floor(width / TICK_PIXELS)), zone),
        formatter: (ms: number) => formatTick(ms, endMs - startMs, zone),
      },
    },
    yAxis: [0, ...(right ? [1] : [])].map((axis) =>
      valueAxis(
        lines.filter((line) => axisOf(line) === axis),
        axis,
        input,
      ),
    ),
    tooltip: {
      trigger: input.tooltip.mode === "none" ? "none" : "axis",
      confine: true,
      transitionDuration: 0,
      backgroundColor: real("var(--bg)"),
      borderColor: real("var(--line)"),
      textStyle: { color: real("var(--text)"), fontSize: 12 },
      axisPointer: { type: "line", lineStyle: { color: real("var(--line-strong)") } },
      formatter: (items: TooltipItem | TooltipItem[]) => tooltip([items].flat(), input),
    },
    brush: {
      toolbox: [],
      xAxisIndex: 0,
      brushStyle: { color: "rgba(120,120,160,0.2)", borderColor: real("var(--accent)"), borderWidth: 1 },
    },
    series: lines.map((line, at) => seriesOption(line, axisOf(line), at === 0, input)),
  };
}

function valueAxis(lines: readonly Line[], axis: number, { real }: TimeInput): Record<string, unknown> {
  const look: BoardField = lines[0]?.look ?? {};
  const drawing = look.drawing ?? {};
  const log = drawing.axis_log_base;
  return {
    type: log ? "log" : "value",
    ...(log ? { logBase: log } : {}),
    position: axis === 0 ? "left" : "right",
    ...limits(look),
    // Areas and bars are as large as their values only from zero on.
    scale: !lines.some(({ look: { drawing: one } }) => isStacked(one) || one?.style === "bars" || one?.fill_opacity),
    splitNumber: 4,
    name: drawing.axis_label ?? "",
    nameTextStyle: { color: real("var(--text-soft)"), fontSize: 11 },
    axisLabel: {
      color: real("var(--text-soft)"),
      fontSize: 11,
      formatter: (value: number) => formatUnit(value, look.unit ?? "", look.decimals ?? undefined),
    },
    splitLine: { show: axis === 0, lineStyle: { color: real("var(--line)") } },
  };
}

/** Not where the one line has no name: what it is, the panel's title says. */
export function hasLegend(
  { show: wanted, mode, calculations = [] }: { show?: boolean; mode?: string; calculations?: readonly string[] },
  lines: readonly Pick<Line, "name">[],
): boolean {
  const named = lines.some(({ name }) => name !== UNNAMED);
  return wanted !== false && lines.length > 0 && (named || mode === "table" || calculations.length > 0);
}

/** The least part of a value that an axis is stretched to show: below it, its labels could not be told apart. */
const FLAT = 0.005;

function aroundFlat(side: -1 | 1): (range: { min: number; max: number }) => number | null {
  return ({ min, max }) => {
    const size = Math.max(Math.abs(min), Math.abs(max));
    if (!(max - min < size * FLAT)) return null;
    return (side < 0 ? min : max) + side * size * 0.05;
  };
}

function isStacked(drawing: BoardField["drawing"]): boolean {
  return Boolean(drawing?.stack) && drawing?.stack !== "off";
}

function limits({ min, max, unit, drawing }: BoardField): Record<string, unknown> {
  const soft = (limit: number | null | undefined, pick: (a: number, b: number) => number, key: "min" | "max") =>
    typeof limit === "number" ? (range: { min: number; max: number }) => pick(limit, range[key]) : undefined;
  return {
    min: min ?? soft(drawing?.axis_soft_min ?? (unit === "percentunit" ? 0 : null), Math.min, "min") ?? aroundFlat(-1),
    max: max ?? soft(drawing?.axis_soft_max, Math.max, "max") ?? aroundFlat(1),
  };
}

interface TooltipItem {
  seriesIndex: number;
  value: [number, number | null];
}

/** Built of nodes, since names come from outside. */
function tooltip(items: readonly TooltipItem[], { lines, tooltip: how, startMs, zone }: TimeInput): HTMLElement {
  const box = document.createElement("div");
  const head = document.createElement("div");
  head.textContent = formatAbsolute(items[0]?.value[0] ?? startMs, zone).replace(".000", "");
  head.style.fontWeight = "600";
  box.append(head);
  const sorted = [...items].sort((a, b) => (b.value[1] ?? -Infinity) - (a.value[1] ?? -Infinity));
  if (how.sort === "asc") sorted.reverse();
  for (const item of sorted.slice(0, TOOLTIP_ROWS)) {
    const line = lines[item.seriesIndex];
    if (!line || line.look.drawing?.hide_in_tooltip) continue;
    const row = document.createElement("div");
    row.style.cssText = "display:flex;gap:8px;align-items:center";
    const dot = document.createElement("span");
    dot.style.cssText = "width:8px;height:8px;border-radius:2px";
    dot.style.background = line.color;
    const name = document.createElement("span");
    name.textContent = line.name;
    const value = document.createElement("span");
    value.style.cssText = "margin-left:auto;padding-left:16px;font-variant-numeric:tabular-nums";
    value.textContent = item.value[1] === null ? "no data" : show(item.value[1], line.look, zone).text;
    row.append(dot, name, value);
    box.append(row);
  }
  return box;
}

function seriesOption(line: Line, axis: number, first: boolean, input: TimeInput): Record<string, unknown> {
  const { real } = input;
  const { look, name, points } = line;
  const drawing = look.drawing ?? {};
  const color = real(line.color);
  const stack = isStacked(drawing) ? `${axis}/${drawing.stack_group ?? "A"}` : undefined;
  const marks = first ? thresholdMarks(look, real) : {};
  const shared = {
    name,
    data: points,
    yAxisIndex: axis,
    itemStyle: { color },
    emphasis: { disabled: true },
    ...(stack ? { stack, stackStrategy: "samesign" } : {}),
    ...marks,
  };
  if (drawing.style === "bars") return { ...shared, type: "bar", barCategoryGap: "12%", large: points.length > 500 };
  if (drawing.style === "points") return { ...shared, type: "scatter", symbolSize: drawing.point_size ?? 5 };
  const fill = (drawing.fill_opacity ?? 0) / 100;
  const few = points.filter(([, value]) => value !== null).length < 2;
  return {
    ...shared,
    type: "line",
    showSymbol: drawing.show_points === "always" || few,
    symbol: "circle",
    symbolSize: drawing.point_size ?? 5,
    connectNulls: drawing.span_nulls === true,
    ...(stack ? {} : { sampling: "minmax" }),
    smooth: drawing.interpolation === "smooth" ? 0.3 : false,
    ...(drawing.interpolation === "stepAfter" ? { step: "end" } : {}),
    ...(drawing.interpolation === "stepBefore" ? { step: "start" } : {}),
    lineStyle: {
      color,
      width: drawing.line_width ?? 1.5,
      type: drawing.line_dash?.length ? [...drawing.line_dash] : "solid",
    },
    ...(fill > 0 ? { areaStyle: { color, opacity: Math.min(0.6, fill) } } : {}),
  };
}

/** Thresholds as lines or areas, where the panel wants them. */
function thresholdMarks(look: BoardField, real: (color: string) => string): Record<string, unknown> {
  const how = look.drawing?.thresholds ?? "off";
  const steps = (look.thresholds?.steps ?? []).filter((step) => step.from_value !== null);
  if (how === "off" || how === "series" || steps.length === 0) return {};
  const at = (from: number | null) => bound(from, look.thresholds, look);
  return {
    ...(how.includes("line") || how.includes("dashed")
      ? {
          markLine: {
            symbol: "none",
            silent: true,
            label: { show: false },
            data: steps.map((step) => ({
              yAxis: at(step.from_value),
              lineStyle: {
                color: real(cssColor(step.color)),
                width: 1,
                type: how.includes("dashed") ? "dashed" : "solid",
              },
            })),
          },
        }
      : {}),
    ...(how.includes("area")
      ? {
          markArea: {
            silent: true,
            data: steps.map((step, index) => {
              const next = steps[index + 1];
              return [
                { yAxis: at(step.from_value), itemStyle: { color: real(cssColor(step.color)), opacity: 0.08 } },
                { yAxis: next ? at(next.from_value) : "max" },
              ];
            }),
          },
        }
      : {}),
  };
}
