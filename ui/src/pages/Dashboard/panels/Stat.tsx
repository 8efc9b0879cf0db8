import { seriesColor } from "@/lib/colors";
import { reduced, trendOf } from "@/model/board/reduced";
import { usePreferences } from "@/state/preferences";
import type { PanelProps } from ".";
import classes from "../Dashboard.module.css";

/** Single values, large; a line of how they came to be behind each. */
export function Stat({ options, data, title }: PanelProps<"stat">) {
  const { zone } = usePreferences();
  const all = reduced(data.frames, options.reduce, zone);
  const { text = "auto", color = "value", graph = "area" } = options;
  const named = text === "value_and_name" || text === "name" || (text === "auto" && all.length > 1);
  return (
    <div className={classes.stats}>
      {all.map((one, at) => {
        const shown = one.color ?? (one.look.color?.mode === "palette-classic" ? seriesColor(one.title) : undefined);
        const filled = color === "background" || color === "background_solid";
        const trend = graph === "area" ? trendOf(one) : [];
        return (
          <div
            key={at}
            className={classes.stat}
            data-trend={trend.length > 2}
            style={filled && shown ? { background: tinted(shown) } : undefined}
          >
            {named && <span className={classes.statName}>{one.title || title}</span>}
            {text !== "name" && (
              <span
                className={classes.statValue}
                style={color === "value" && shown ? { color: shown } : undefined}
                title={String(one.value as string)}
              >
                {one.text}
              </span>
            )}
            {trend.length > 2 && <Trend values={trend} color={shown ?? "var(--series-0)"} />}
          </div>
        );
      })}
    </div>
  );
}

/** Text stays readable on it in either look. */
function tinted(color: string): string {
  return `color-mix(in srgb, ${color} 28%, transparent)`;
}

/** As wide as its box, and from the least value to the greatest: how it went, not how much it is. */
function Trend({ values, color }: { values: readonly number[]; color: string }) {
  const least = Math.min(...values);
  const span = Math.max(...values) - least;
  const points = values.map((value, at) => `${at},${span > 0 ? 1 - (value - least) / span : 0.5}`).join(" ");
  const last = values.length - 1;
  return (
    <svg className={classes.trend} viewBox={`0 -0.1 ${last} 1.1`} preserveAspectRatio="none" aria-hidden>
      <polygon points={`0,1 ${points} ${last},1`} fill={color} opacity={0.2} />
      <polyline points={points} fill="none" stroke={color} strokeWidth={1.5} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
