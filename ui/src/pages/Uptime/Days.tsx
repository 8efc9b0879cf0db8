import type { ProbeDay } from "@/api/types";
import { formatSeconds } from "@/lib/format";
import { availabilityText, type DayBar, DAYS_SHOWN, dayBars, upShare } from "@/model/uptime";
import classes from "./Uptime.module.css";

/** Ninety days, one bar each, up to today. */
export function Days({ days, nowMs }: { days: readonly ProbeDay[]; nowMs: number }) {
  const bars = dayBars(days, nowMs);
  const measured = bars.filter((one) => one.up !== null).length;
  const broken = bars.filter((one) => one.downSeconds > 0).length;
  return (
    <div
      role="img"
      aria-label={`${availabilityText(upShare(days))} up over ${measured} measured of ${DAYS_SHOWN} days; ${broken} of them with something down`}
    >
      <ul className={classes.days} aria-hidden>
        {bars.map((one) => (
          <li key={one.day} data-tone={one.tone} title={tip(one)} />
        ))}
      </ul>
      <div className={`${classes.ends} small soft`} aria-hidden>
        <span>{DAYS_SHOWN} days ago</span>
        <span>today</span>
      </div>
    </div>
  );
}

function tip({ day, up, downSeconds }: DayBar): string {
  if (up === null) return `${day}: not measured`;
  return downSeconds === 0
    ? `${day}: up`
    : `${day}: ${availabilityText(up)} up, down for ${formatSeconds(downSeconds)}`;
}
