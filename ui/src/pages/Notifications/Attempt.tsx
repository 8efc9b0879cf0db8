import type { NotificationAttempt } from "@/api/types";
import { HealthMark } from "@/components/HealthMark";
import { AbsoluteTime } from "@/components/Time";
import { formatSeconds } from "@/lib/format";
import { verdictOf } from "@/model/notifications";
import { Exchanges } from "./Exchanges";
import classes from "./Notifications.module.css";

/** One attempt to deliver: when, how it ended, and what went to and fro. */
export function Attempt({ attempt, unfolded }: { attempt: NotificationAttempt; unfolded: boolean }) {
  const { word, health } = verdictOf(attempt.verdict);
  return (
    <details className={classes.attempt} open={unfolded} aria-label={`Attempt ${attempt.attempt}`}>
      <summary>
        <span className={classes.attemptHead}>
          <strong>Attempt {attempt.attempt}</strong>
          <HealthMark health={health} word={word} size={14} />
          <span className="soft">
            <AbsoluteTime time={attempt.at} />, took {formatSeconds(attempt.seconds)}
          </span>
        </span>
      </summary>
      {attempt.error && <p className={health === "bad" ? "bad" : "warning"}>{attempt.error}</p>}
      <Exchanges exchanges={attempt.exchanges} />
    </details>
  );
}
