import { Button } from "@mantine/core";
import { LIVE_MS, useApi, useChange } from "@/api/queries";
import type { NotificationDetail as Answer, NotifiedAlert, Resent } from "@/api/types";
import fields from "@/components/Fields.module.css";
import { Go } from "@/components/Go";
import { HealthMark } from "@/components/HealthMark";
import { LabelTable } from "@/components/LabelTable";
import { Empty, Loaded, Notice, Refused } from "@/components/State";
import { AbsoluteTime, RelativeTime } from "@/components/Time";
import { formatExact } from "@/lib/format";
import { tellingLabels } from "@/model/alerts";
import { countsText, reasonWords, STATE_MEANS } from "@/model/notifications";
import { useMayEdit } from "@/state/role";
import alerts from "../Alerts/Alerts.module.css";
import { StateMark } from "../Alerts/StateMark";
import { Attempt } from "./Attempt";

const ALERTS_MAX = 50;

/** One notification: what became of it, whom it told of what, and each attempt with what was asked and answered. */
export function NotificationDetail({ id, onOther }: { id: string; onOther: (id: string) => void }) {
  const query = useApi<Answer>(`notifications/${id}`, {}, { everyMs: LIVE_MS });
  if (query.data === undefined && query.error?.status === 404)
    return <Empty title="Cannot find the notification">Those that are done with are kept for 400 days.</Empty>;
  return (
    <Loaded query={query} what="the notification">
      {(one) => (
        <div className={alerts.detail}>
          <div className={alerts.heads}>
            <StateMark state={one.state} />
            <span className="soft">
              {one.finished ? (
                <RelativeTime time={one.finished} />
              ) : (
                one.next_attempt && (
                  <>
                    tried next <RelativeTime time={one.next_attempt} />
                  </>
                )
              )}
            </span>
          </div>
          <p className="soft">{STATE_MEANS[one.state]}</p>
          {one.error && <Notice tone={one.state === "failed" ? "bad" : "warning"}>{one.error}</Notice>}
          <Resend notification={one} onOther={onOther} />
          <Facts notification={one} />
          <Told told={one.alerts} total={one.firing + one.resolved} real={one.reason !== "drill"} />
          <Attempts notification={one} />
          {Object.keys(one.context).length > 0 && <LabelTable title="What it says besides" labels={one.context} />}
        </div>
      )}
    </Loaded>
  );
}

function Resend({ notification, onOther }: { notification: Answer; onOther: (id: string) => void }) {
  const mayEdit = useMayEdit();
  const resend = useChange<string, Resent>(
    (id) => ({ path: `notifications/${id}/resend`, method: "POST" }),
    ["notifications"],
  );
  if (!mayEdit || notification.state === "pending") return null;
  return (
    <>
      <div className={alerts.acts}>
        <Button
          variant="default"
          loading={resend.isPending}
          onClick={() => resend.mutate(notification.id, { onSuccess: (made) => onOther(made.id) })}
        >
          Resend
        </Button>
      </div>
      <Refused error={resend.error} />
    </>
  );
}

function Facts({ notification: one }: { notification: Answer }) {
  const facts = [
    [
      "To",
      <span key="to">
        <Go to="/alerts/notifications" search={{ receiver: one.receiver }} className="among">
          {one.receiver}
        </Go>{" "}
        by {one.integration}
      </span>,
    ],
    ["Why", reasonWords(one.reason)],
    ["Decided", <AbsoluteTime key="decided" time={one.decided} />],
    one.resend_of && [
      "Sent again of",
      <Go key="of" to="/alerts/notifications" search={{ open: one.resend_of }} className="among">
        an earlier one
      </Go>,
    ],
    one.finished && ["Done with", <AbsoluteTime key="finished" time={one.finished} />],
    [
      "Group",
      <span key="group" className="mono">
        {one.group_key}
      </span>,
    ],
  ].filter((fact) => fact !== null && fact !== "");
  return (
    <section aria-label="Facts">
      <h3>Facts</h3>
      <table className={fields.fields}>
        <tbody>
          {facts.map(([name, value]) => (
            <tr key={String(name)}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** `real`: its alerts are known, and no test's or drill's. */
function Told({ told, total, real }: { told: readonly NotifiedAlert[]; total: number; real: boolean }) {
  const shown = told.slice(0, ALERTS_MAX);
  const counts = countsText(
    told.filter((one) => one.status === "firing").length,
    told.filter((one) => one.status === "resolved").length,
  );
  return (
    <section aria-label="Alerts">
      <h3>Alerts: {counts}</h3>
      <ul className={alerts.events}>
        {shown.map((one) => (
          <li key={`${one.fingerprint} ${one.status}`}>
            <HealthMark health={one.status === "resolved" ? "good" : "bad"} word={one.status} size={14} />
            <span>
              {real ? (
                <Go to="/alerts" search={{ open: one.fingerprint }} className="among">
                  {one.labels.alertname ?? "Alert"}
                </Go>
              ) : (
                one.labels.alertname
              )}{" "}
              <span className="mono soft">
                {tellingLabels(one.labels)
                  .map((pair) => pair.join("="))
                  .join(" ")}
              </span>
            </span>
          </li>
        ))}
      </ul>
      {total > shown.length && <p className="small soft">and {formatExact(total - shown.length)} more</p>}
    </section>
  );
}

function Attempts({ notification: one }: { notification: Answer }) {
  const { history, attempts } = one;
  const newest = history.at(-1)?.attempt;
  if (history.length === 0)
    return (
      <section aria-label="Attempts">
        <h3>Attempts</h3>
        <p className="small soft">Nothing was tried yet.</p>
      </section>
    );
  return (
    <section aria-label="Attempts">
      <h3>Attempts</h3>
      <p className="small soft">
        Secrets are masked.
        {attempts > history.length && ` Of ${formatExact(attempts)} attempts the first and the newest are kept.`}
      </p>
      {[...history].reverse().map((attempt) => (
        <Attempt key={attempt.attempt} attempt={attempt} unfolded={attempt.attempt === newest} />
      ))}
    </section>
  );
}
