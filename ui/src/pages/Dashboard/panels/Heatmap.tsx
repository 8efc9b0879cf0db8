import { useCallback, useMemo } from "react";
import { Plot } from "@/components/Plot";
import { realColor } from "@/lib/colors";
import { formatExact, formatShort } from "@/lib/format";
import { heatOf } from "@/model/board/heat";
import { formatUnit } from "@/model/board/units";
import { usePreferences } from "@/state/preferences";
import type { PanelProps } from ".";

/** How many fell into each bucket over time: the darker, the more. */
export function Heatmap({ options, data, title }: PanelProps<"heatmap">) {
  const { zone } = usePreferences();
  const heat = useMemo(() => heatOf(data.frames), [data.frames]);
  const unit = options.unit ?? data.frames[0]?.fields.find((field) => field.kind === "number")?.look.unit;
  const optionOf = useCallback(() => {
    const soft = { color: realColor("var(--text-soft)"), fontSize: 11 };
    const bucket = (text: string) => (Number.isFinite(Number(text)) ? formatUnit(Number(text), unit ?? "") : text);
    return {
      animation: false,
      grid: { left: 64, right: 12, top: 8, bottom: 22 },
      xAxis: {
        type: "category",
        data: heat.times,
        axisLabel: { ...soft, formatter: (ms: string) => formatShort(Number(ms), zone).slice(-5) },
        axisTick: { show: false },
        axisLine: { lineStyle: { color: realColor("var(--line)") } },
      },
      yAxis: {
        type: "category",
        data: heat.buckets,
        axisLabel: { ...soft, formatter: bucket },
        axisTick: { show: false },
        axisLine: { lineStyle: { color: realColor("var(--line)") } },
      },
      visualMap: {
        show: false,
        min: 0,
        max: heat.most,
        inRange: { color: [realColor("var(--bg-sunk)"), realColor("var(--series-1)"), realColor("var(--bad-line)")] },
      },
      tooltip: {
        confine: true,
        transitionDuration: 0,
        formatter: ({ value: [x, y, count] }: { value: [number, number, number] }) =>
          `${formatShort(heat.times[x] ?? 0, zone)}, up to ${bucket(heat.buckets[y] ?? "")}: ${formatExact(count)}`,
      },
      series: [{ type: "heatmap", data: heat.cells, emphasis: { disabled: true }, progressive: 0 }],
    };
  }, [heat, unit, zone]);
  return <Plot label={title} optionOf={optionOf} />;
}
