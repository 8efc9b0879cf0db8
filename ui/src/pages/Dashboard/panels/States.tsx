import { seriesColor } from "@/lib/colors";
import { TimeTicks } from "@/components/Ticks";
import { formatShort } from "@/lib/format";
import { titleOf } from "@/model/board/frames";
import { show } from "@/model/board/looks";
import { statesOf } from "@/model/board/states";
import { usePreferences } from "@/state/preferences";
import type { PanelProps } from ".";
import classes from "../Dashboard.module.css";

/** A row a series, a stretch a state: how long each lasted. */
export function States({ options, data }: PanelProps<"state-timeline" | "status-history">) {
  const { zone } = usePreferences();
  const { startMs, endMs, stepMs } = data.window;
  const merge = options.kind === "state-timeline" && options.merge !== false;
  const rows = data.frames.flatMap((frame) => {
    const time = frame.fields.find((field) => field.kind === "time");
    return frame.fields
      .filter((field) => field !== time && time)
      .map((field) => ({
        name: titleOf(field),
        look: field.look,
        states: statesOf(time?.values.map(Number) ?? [], field.values, stepMs, endMs, merge),
      }));
  });
  const share = (ms: number) => `${(100 * ms) / (endMs - startMs)}%`;
  return (
    <div className={classes.states}>
      {rows.map((row, at) => (
        <div key={at}>
          <span title={row.name}>{row.name}</span>
          <div>
            {row.states.map((state) => {
              const { text, color } = show(state.value, row.look, zone);
              return (
                <i
                  key={state.startMs}
                  title={`${text}, from ${formatShort(state.startMs, zone, true)} to ${formatShort(state.endMs, zone, true)}`}
                  style={{
                    left: share(state.startMs - startMs),
                    width: share(state.endMs - state.startMs),
                    background: color ?? seriesColor(text),
                  }}
                >
                  {text}
                </i>
              );
            })}
          </div>
        </div>
      ))}
      <div className={classes.stateTimes}>
        <TimeTicks startMs={startMs} endMs={endMs} zone={zone} />
      </div>
    </div>
  );
}
