import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReplaySummary } from "@/api/types";
import { Go } from "@/components/Go";
import { RelativeTime } from "@/components/Time";
import { formatExact, formatMillis } from "@/lib/format";
import { oddClicks, placeOf } from "@/model/replay/summary";
import classes from "./Replays.module.css";

export function ReplayRow({ replay, current }: { replay: ReplaySummary; current: boolean }) {
  const { id, user, urls, errors, clicks, browser, os, seen } = replay;
  const first = urls[0] && placeOf(urls[0]);
  const more = urls.length - 1;
  return (
    <tr data-current={current} aria-selected={current}>
      <td className={classes.who}>
        <div className={classes.name} data-seen={seen}>
          <Go to="/replays/$id" params={{ id }} className="truncate">
            {user || "not signed in"}
          </Go>
          {!seen && <span className="visually-hidden">not watched yet</span>}
        </div>
        <p className="row-under truncate soft" title={urls.join("\n")}>
          {first ?? "no address was recorded"}
          {more > 0 && `, and ${formatExact(more)} more`}
        </p>
      </td>
      <td className={`num ${errors > 0 ? "bad" : "soft"}`}>
        {errors > 0 && <IconAlertTriangle size={13} aria-hidden className={classes.inline} />} {formatExact(errors)}
      </td>
      <td className="num wide-only">{formatExact(clicks)}</td>
      <td className="wide-only small">
        <span className="warning">{oddClicks(replay)}</span>
      </td>
      <td className="num">{formatMillis(replay.duration_ms)}</td>
      <td className="wide-only soft">{[browser, os].filter(Boolean).join(", ")}</td>
      <td className="num soft">
        <RelativeTime time={replay.started} />
      </td>
    </tr>
  );
}
