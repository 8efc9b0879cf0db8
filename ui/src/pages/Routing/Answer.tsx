import { Button } from "@mantine/core";
import type { RouteTold, RoutingAnswer } from "@/api/types";
import { Go } from "@/components/Go";
import { HealthMark } from "@/components/HealthMark";
import { Notice } from "@/components/State";
import { AbsoluteTime } from "@/components/Time";
import { formatSeconds, plural } from "@/lib/format";
import { calls } from "@/model/routing";
import classes from "./Routing.module.css";

/** Who would be told, how, and what would keep them from it. */
export function Answer({
  answer,
  timed,
  onShow,
}: {
  answer: RoutingAnswer;
  /** A time was asked for, and not now. */
  timed: boolean;
  onShow: (routeId: string) => void;
}) {
  return (
    <section aria-label="Where it would go" className={classes.answer}>
      <h2>
        To {plural(answer.told.length, "receiver")}{" "}
        <span className="soft small">{timed ? <AbsoluteTime time={answer.at} /> : "if it began to fire now"}</span>
      </h2>
      <Held answer={answer} />
      <ul className={classes.told}>
        {answer.told.map((one) => (
          <Told key={one.route_id} told={one} held={heldWord(answer)} onShow={() => onShow(one.route_id)} />
        ))}
      </ul>
      {timed && (
        <p className="small soft">
          What else fires then, and might inhibit it, is not known. Silences are those that there are now.
        </p>
      )}
    </section>
  );
}

function Held({ answer }: { answer: RoutingAnswer }) {
  return (
    <>
      {answer.silenced_by.length > 0 && (
        <Notice tone="warning">
          Nobody would be told: {plural(answer.silenced_by.length, "silence")} would hide it.{" "}
          {answer.silenced_by.map((id) => (
            <Go key={id} to="/alerts/silences" search={{ open: id }} className="among">
              Show the silence
            </Go>
          ))}
        </Notice>
      )}
      {answer.inhibited_by.map((id) => (
        <Notice key={id} tone="warning">
          Nobody would be told while{" "}
          <Go to="/alerts" search={{ open: id }} className="among">
            another alert
          </Go>{" "}
          fires that inhibits it.
        </Notice>
      ))}
      {answer.maintenance.length > 0 && (
        <Notice tone="warning">
          Nobody would be told: maintenance {answer.maintenance.join(", ")} holds it back until it is over.
        </Notice>
      )}
    </>
  );
}

/** What keeps every receiver from being told. */
function heldWord(answer: RoutingAnswer): string | undefined {
  if (answer.silenced_by.length > 0) return "Silenced";
  if (answer.inhibited_by.length > 0) return "Inhibited";
  return answer.maintenance.length > 0 ? "In maintenance" : undefined;
}

function Told({ told, held, onShow }: { told: RouteTold; held: string | undefined; onShow: () => void }) {
  const kept = held ?? (told.muted_by.length > 0 ? `Muted by ${told.muted_by.join(", ")}` : undefined);
  const steps = calls(told);
  const channels = told.integrations.filter((one) => !/^(escalation|digest)\[/.test(one));
  const nobody = told.integrations.length === 0;
  return (
    <li>
      <div className={classes.toldHead}>
        <strong>{told.receiver}</strong>
        {kept !== undefined ? (
          <HealthMark health="warning" word={kept} size={14} />
        ) : (
          <HealthMark
            health={nobody ? "idle" : "good"}
            word={
              nobody
                ? "Seen on the page alone"
                : told.group_wait_seconds > 0
                  ? `Told after ${formatSeconds(told.group_wait_seconds)}`
                  : "Told at once"
            }
            size={14}
          />
        )}
        {channels.length > 0 && <span className="soft">by {channels.join(", ")}</span>}
        <Button variant="subtle" size="compact-xs" onClick={onShow}>
          Show in the tree
        </Button>
      </div>
      {steps.length > 0 && (
        <ol className={classes.calls} aria-label={`On call for ${told.receiver}`}>
          {steps.map((step) => (
            <li key={step.after}>
              <span className="soft num">{step.after}</span>
              <span>{step.told.join("; ")}</span>
            </li>
          ))}
        </ol>
      )}
      {told.digests.map((one) => (
        <p key={one.receiver} className="small" style={{ margin: 0 }}>
          Gathered for {one.receiver}, who is told <AbsoluteTime time={one.at} />
        </p>
      ))}
    </li>
  );
}
