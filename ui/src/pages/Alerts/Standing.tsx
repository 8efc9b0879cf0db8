import {
  IconBell,
  IconBellOff,
  IconBellZ,
  IconCalendarOff,
  IconChecks,
  IconGitMerge,
  IconUser,
} from "@tabler/icons-react";
import type { AlertShown } from "@/api/types";
import { RelativeTime } from "@/components/Time";
import { markOf, type Standing as How } from "@/model/alerts";
import classes from "./Alerts.module.css";

export const STANDING_WORD: Record<How, string> = {
  open: "Open",
  acknowledged: "Acknowledged",
  snoozed: "Snoozed",
  silenced: "Silenced",
  inhibited: "Inhibited",
  muted: "Muted",
};

const ICON: Record<How, typeof IconBell> = {
  open: IconBell,
  acknowledged: IconChecks,
  snoozed: IconBellZ,
  silenced: IconBellOff,
  inhibited: IconGitMerge,
  muted: IconCalendarOff,
};

/** Whether somebody has an alert, or what holds it back, and whose it is. */
export function Standing({ alert }: { alert: AlertShown }) {
  const how = alert.standing;
  const Icon = ICON[how];
  const mark = how === "acknowledged" || how === "snoozed" ? markOf(alert, how) : undefined;
  const assigned = markOf(alert, "assigned");
  return (
    <span className={classes.standing} data-how={how}>
      <Icon size={14} stroke={1.75} aria-hidden />
      <span>
        {STANDING_WORD[how]}
        {mark && <span className="soft"> by {mark.by}</span>}
        {mark?.until && (
          <span className="soft">
            , until <RelativeTime time={mark.until} />
          </span>
        )}
        {how === "muted" && <span className="soft"> by {alert.muted_by.join(", ")}</span>}
        {assigned && (
          <span className={classes.assigned} title={`Assigned by ${assigned.by}`}>
            <IconUser size={13} aria-hidden /> {assigned.assignee}
          </span>
        )}
      </span>
    </span>
  );
}
