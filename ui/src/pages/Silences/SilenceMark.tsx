import { IconBellOff, IconClock, IconHistory } from "@tabler/icons-react";
import type { SilenceState } from "@/model/silences";
import classes from "./Silences.module.css";

export const SILENCE_WORD: Record<SilenceState, string> = {
  active: "Active",
  pending: "Pending",
  expired: "Expired",
};
const ICON = { active: IconBellOff, pending: IconClock, expired: IconHistory };

/** Whether a silence hides now, will, or did. */
export function SilenceMark({ state }: { state: SilenceState }) {
  const Icon = ICON[state];
  return (
    <span className={classes.mark} data-state={state}>
      <Icon size={14} stroke={1.75} aria-hidden /> {SILENCE_WORD[state]}
    </span>
  );
}
