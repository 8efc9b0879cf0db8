import { useCallback } from "react";
import { Plot } from "@/components/Plot";
import { apartColors, realColor } from "@/lib/colors";
import { formatTick } from "@/lib/format";
import { titleOf } from "@/model/board/frames";
import { show } from "@/model/board/looks";
import { formatUnit } from "@/model/board/units";
import { transform } from "@/model/board/transformations";
import { usePreferences } from "@/state/preferences";
import type { PanelProps } from ".";
import type { LookedFrame } from "@/model/board/looks";

/** Bars a category: a row of a table each, a column of numbers a colour. */
export function BarChart({ options, data, title }: PanelProps<"barchart">) {
  const { zone } = usePreferences();
  const merged = data.frames.length > 1 ? (transform(data.frames, [{ id: "merge" }]) as LookedFrame[]) : data.frames;
  const [frame] = merged;
  const field = frame?.fields.find((one) =>
    options.x_field ? titleOf(one) === options.x_field : one.kind === "string" || one.kind === "time",
  );
  const numbers = frame?.fields.filter((one) => one.kind === "number") ?? [];
  const times = field?.kind === "time" ? field.values.map(Number) : [];
  const rangeMs = (times[times.length - 1] ?? 0) - (times[0] ?? 0);
  const names = field?.values.map((value) =>
    field.kind === "time" ? formatTick(Number(value), rangeMs, zone) : show(value, field.look, zone).text,
  );
  const input = JSON.stringify({
    names: names ?? [],
    bars: numbers.map((one) => ({ name: titleOf(one), values: one.values, unit: one.look.unit ?? "" })),
    across: options.orientation === "horizontal",
    stacked: options.stack !== undefined && options.stack !== "off",
  });
  const optionOf = useCallback(() => {
    const { names, bars, across, stacked } = JSON.parse(input) as {
      names: string[];
      bars: { name: string; values: (number | null)[]; unit: string }[];
      across: boolean;
      stacked: boolean;
    };
    const color = apartColors(bars.map((bar) => bar.name));
    const soft = { color: realColor("var(--text-soft)"), fontSize: 11 };
    const categories = { type: "category", data: names, axisLabel: soft, axisTick: { show: false }, inverse: across };
    const values = {
      type: "value",
      axisLabel: { ...soft, formatter: (value: number) => formatUnit(value, bars[0]?.unit ?? "") },
      splitLine: { lineStyle: { color: realColor("var(--line)") } },
    };
    return {
      animation: false,
      grid: { left: 8, right: 12, top: 8, bottom: 8, containLabel: true },
      xAxis: across ? values : categories,
      yAxis: across ? categories : values,
      tooltip: { trigger: "axis", confine: true, transitionDuration: 0 },
      series: bars.map((bar) => ({
        name: bar.name,
        type: "bar",
        data: bar.values,
        itemStyle: { color: realColor(color(bar.name)) },
        ...(stacked ? { stack: "all" } : {}),
      })),
    };
  }, [input]);
  return <Plot label={title} optionOf={optionOf} />;
}
