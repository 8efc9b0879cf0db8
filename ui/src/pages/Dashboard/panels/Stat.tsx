import { seriesColor } from "@/lib/colors";
import { reduced } from "@/model/board/reduced";
import { usePreferences } from "@/state/preferences";
import { Sparkline } from "@/components/Sparkline";
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
        return (
          <div key={at} className={classes.stat} style={filled && shown ? { background: tinted(shown) } : undefined}>
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
            {graph === "area" && one.values.length > 2 && (
              <span className={classes.spark}>
                <Sparkline
                  values={one.values.filter((value): value is number => typeof value === "number")}
                  color={shown ?? "var(--series-0)"}
                  width={200}
                  height={28}
                />
              </span>
            )}
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
