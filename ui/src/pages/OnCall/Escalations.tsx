import { IconCalendarTime, IconSend, IconUser } from "@tabler/icons-react";
import type { OnCallEscalation, OnCallPerson } from "@/api/types";
import { formatSeconds, plural } from "@/lib/format";
import { climb, type Told } from "@/model/onCall";
import classes from "./OnCall.module.css";

const ICON = { schedule: IconCalendarTime, person: IconUser, receiver: IconSend };
const WORD: Record<Told["kind"], string> = { schedule: "on duty in ", person: "", receiver: "receiver " };

/** Each policy as its steps, from left to right, while nobody acknowledges. */
export function Escalations({
  escalations,
  people,
}: {
  escalations: readonly OnCallEscalation[];
  people: readonly OnCallPerson[];
}) {
  if (escalations.length === 0)
    return (
      <p className="soft">
        There are none: alerts go to the receivers of their routes, and no further. A policy is written below{" "}
        <code>on_call.escalations</code> in the plan.
      </p>
    );
  return escalations.map((one) => (
    <div key={one.name} className={classes.escalation}>
      <h3>
        {one.name} {one.description && <span className="small soft">{one.description}</span>}
      </h3>
      <ol className={classes.steps} aria-label={`Steps of ${one.name}`}>
        {climb(one, people).map((step) => (
          <li key={`${step.at} ${step.told[0]?.name}`}>
            <span className={classes.after}>{step.after}</span>
            {step.told.map(({ kind, name }) => {
              const Icon = ICON[kind];
              return (
                <span key={`${kind} ${name}`} className="row" style={{ gap: 4 }}>
                  <Icon size={14} aria-hidden className="soft" style={{ flex: "none" }} />
                  <span>
                    <span className="soft">{WORD[kind]}</span>
                    {name}
                  </span>
                </span>
              );
            })}
          </li>
        ))}
      </ol>
      <p className="small soft" style={{ margin: 0 }}>
        {one.repeat === 0
          ? "Then nobody else is told."
          : `While nobody acknowledges it begins again ${formatSeconds(one.pause_seconds)} after the last step, ${plural(one.repeat, "time")}.`}
      </p>
    </div>
  ));
}
