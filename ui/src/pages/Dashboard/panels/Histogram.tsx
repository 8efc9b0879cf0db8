import { useCallback, useMemo, useState } from "react";
import { toggleSeries } from "@/components/Chart/legendModel";
import { Plot } from "@/components/Plot";
import { apartColors, realColor } from "@/lib/colors";
import { bucketsOf } from "@/model/board/histogram";
import { formatUnit } from "@/model/board/units";
import type { PanelProps } from ".";
import { LegendName } from "./LegendName";
import classes from "../Dashboard.module.css";

/** How often values fell into each bucket. */
export function Histogram({ options, data, title }: PanelProps<"histogram">) {
  const { bucket_count: count, bucket_size: size, bucket_offset: offset, combine, legend } = options;
  const { bounds, bars } = useMemo(
    () =>
      bucketsOf(data.frames, {
        ...{ count: count ?? null, size: size ?? null, offset: offset ?? null },
        combine: combine ?? false,
      }),
    [data.frames, count, size, offset, combine],
  );
  const color = useMemo(() => apartColors(bars.map((one) => one.name)), [bars]);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const names = bars.map((one) => one.name);
  const optionOf = useCallback(() => {
    const unit = bars[0]?.look.unit ?? "";
    const soft = { color: realColor("var(--text-soft)"), fontSize: 11 };
    const bound = (at: number) => {
      const value = bounds[at] ?? 0;
      return Number.isFinite(value) ? formatUnit(value, unit) : "∞";
    };
    return {
      animation: false,
      grid: { left: 8, right: 16, top: 8, bottom: 8, containLabel: true },
      xAxis: {
        type: "category",
        data: bounds.slice(1).map((_, at) => `${bound(at)} – ${bound(at + 1)}`),
        axisTick: { show: false },
        axisLine: { lineStyle: { color: realColor("var(--line)") } },
        axisLabel: { ...soft, hideOverlap: true, formatter: (_: string, at: number) => bound(at) },
      },
      yAxis: {
        type: "value",
        minInterval: 1,
        axisLabel: soft,
        splitNumber: 4,
        splitLine: { lineStyle: { color: realColor("var(--line)") } },
      },
      tooltip: {
        trigger: "axis",
        confine: true,
        transitionDuration: 0,
        backgroundColor: realColor("var(--bg)"),
        borderColor: realColor("var(--line)"),
        textStyle: { color: realColor("var(--text)"), fontSize: 12 },
      },
      series: bars
        .filter((one) => !hidden.has(one.name))
        .map((one) => ({
          name: one.name,
          type: "bar",
          data: one.counts,
          barCategoryGap: "4%",
          barGap: "0%",
          itemStyle: { color: realColor(color(one.name)) },
          emphasis: { disabled: true },
        })),
    };
  }, [bounds, bars, color, hidden]);
  return (
    <div className={classes.graph}>
      <div className={classes.plot}>
        <Plot label={title} optionOf={optionOf} />
      </div>
      {legend?.show !== false && bars.length > 1 && (
        <ul className={classes.names}>
          {names.map((name) => (
            <li key={name} data-hidden={hidden.has(name)}>
              <LegendName
                name={name}
                color={color(name)}
                shown={!hidden.has(name)}
                onToggle={(one, adding) => setHidden(toggleSeries(names, hidden, one, adding))}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
