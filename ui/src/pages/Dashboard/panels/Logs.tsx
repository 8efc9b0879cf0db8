import { LevelBadge } from "@/components/LevelBadge";
import { formatClock, plainText } from "@/lib/format";
import { numbersOf, timeOf } from "@/model/board/frames";
import { usePreferences } from "@/state/preferences";
import type { PanelProps } from ".";
import classes from "../Dashboard.module.css";

/** Lines of a search of ours, newest first. */
export function Logs({ options, data }: PanelProps<"logs">) {
  const { zone } = usePreferences();
  // A LogQL query of lines answers streams, which have no numbers.
  if (data.logs.length === 0)
    return (
      <p className={classes.why}>
        {data.frames.some((frame) => timeOf(frame) && numbersOf(frame).length > 0)
          ? "This query counts lines: choose another kind of panel for it."
          : "No lines in this time range"}
      </p>
    );
  const rows = options.newest_first === false ? [...data.logs].reverse() : data.logs;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Lines">
      <ul className={classes.lines} data-wrap={options.wrap}>
        {rows.map((row) => (
          <li key={row.id}>
            <span className="mono soft">{formatClock(row.timestamp, zone)}</span>
            <LevelBadge level={row.level} />
            {row.service && <span className="soft">{row.service}</span>}
            <span className="mono">{plainText(row.body)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
