import { useCallback } from "react";
import { Plot } from "@/components/Plot";
import { realColor } from "@/lib/colors";
import { bound, cssColor } from "@/model/board/looks";
import { type Reduced, reduced, spanOf } from "@/model/board/reduced";
import { usePreferences } from "@/state/preferences";
import type { PanelProps } from ".";
import classes from "../Dashboard.module.css";

const GAUGES_MAX = 50;
const BELOW = 1.35;

/** Arcs with the thresholds around them. */
export function Gauge({ options, data, title }: PanelProps<"gauge">) {
  const { zone } = usePreferences();
  const all = reduced(data.frames, options.reduce, zone).slice(0, GAUGES_MAX);
  const span = spanOf(all);
  return (
    <div className={classes.gauges}>
      {all.map((one, at) => (
        <Arc key={at} of={one} span={span(one)} named={all.length > 1} title={title} />
      ))}
    </div>
  );
}

function Arc({
  of,
  span,
  named,
  title,
}: {
  of: Reduced;
  span: readonly [number, number];
  named: boolean;
  title: string;
}) {
  const [min, max] = span;
  const { text, value, color, look } = of;
  const steps = look.thresholds?.steps ?? [];
  const stops = JSON.stringify(
    steps.map((step, at) => {
      const next = steps[at + 1];
      const until = next ? (bound(next.from_value, look.thresholds, look) - min) / (max - min) : 1;
      return [Math.min(1, Math.max(0, until)), cssColor(step.color)];
    }),
  );
  const optionOf = useCallback(
    (width: number, height: number) => {
      // The arc goes a third of its radius below its centre.
      const size = Math.min(width, (2 * height) / BELOW) - 4;
      const middle = (height - (BELOW * size) / 2) / 2 + size / 2;
      const thick = size / 12;
      const arcs = (JSON.parse(stops) as [number, string][]).map(([until, one]) => [until, realColor(one)]);
      const shared = {
        type: "gauge",
        startAngle: 200,
        endAngle: -20,
        center: ["50%", middle],
        min,
        max,
        splitLine: { show: false },
        axisTick: { show: false },
        axisLabel: { show: false },
        pointer: { show: false },
      };
      return {
        animation: false,
        series: [
          {
            ...shared,
            radius: size / 2,
            axisLine: { lineStyle: { width: 4, color: arcs.length > 0 ? arcs : [[1, realColor("var(--line)")]] } },
            detail: { show: false },
            title: { show: false },
            data: [],
          },
          {
            ...shared,
            radius: size / 2 - 7,
            axisLine: { lineStyle: { width: thick, color: [[1, realColor("var(--line)")]] } },
            progress: { show: true, width: thick, itemStyle: { color: realColor(color ?? "var(--series-0)") } },
            title: { show: false },
            detail: {
              offsetCenter: [0, 0],
              // As wide as the arc leaves room for.
              fontSize: Math.max(10, Math.min(32, (size - 2 * thick - 20) / (0.7 * Math.max(5, text.length)))),
              color: realColor(color ?? "var(--text)"),
              formatter: () => text,
            },
            data: [{ value: typeof value === "number" ? Math.min(max, Math.max(min, value)) : min }],
          },
        ],
      };
    },
    [min, max, text, value, color, stops],
  );
  return (
    <div className={classes.gauge}>
      <Plot label={`${of.title || title}: ${text}`} optionOf={optionOf} />
      {named && <span className={classes.statName}>{of.title}</span>}
    </div>
  );
}
