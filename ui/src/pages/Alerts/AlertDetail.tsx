import { Anchor, Button } from "@mantine/core";
import { useState } from "react";
import { LIVE_MS, useApi, useChange } from "@/api/queries";
import type { AlertDetail as Answer, AlertEvent, AlertMark, AlertShown, RuleGroups } from "@/api/types";
import { CopyId } from "@/components/CopyId";
import { Go } from "@/components/Go";
import { HealthMark } from "@/components/HealthMark";
import { Empty, Loaded, Notice, Refused } from "@/components/State";
import { AbsoluteTime, RelativeTime } from "@/components/Time";
import { eventWords, matcherText, severityOf } from "@/model/alerts";
import { StoryLinks } from "@/components/Story/StoryLinks";
import { labelsText } from "@/model/routing";
import classes from "./Alerts.module.css";
import { LabelTable } from "@/components/LabelTable";
import { MARK_TOUCHES, MarkForm } from "./MarkForm";
import { RunbookBeside } from "./RunbookBeside";
import { SentAbout } from "./SentAbout";
import { SilencedBy } from "./SilencedBy";
import { SilenceForm } from "./SilenceForm";
import { Standing, STANDING_WORD } from "./Standing";

/** Everything about one alert, also when it fires no more: what one can do, who was told, and what happened. */
export function AlertDetail({ fingerprint }: { fingerprint: string }) {
  const query = useApi<Answer>(`alerts/${fingerprint}`, {}, { everyMs: LIVE_MS });
  return (
    <Loaded
      query={query}
      what="the alert"
      empty={(data) =>
        data.alert === null &&
        data.events.length === 0 && (
          <Empty title="Cannot find the alert">It does not fire, and nothing was ever noted of it.</Empty>
        )
      }
    >
      {({ alert, events }) => (
        <div className={classes.detail}>
          {alert ? <Firing alert={alert} /> : <Over events={events} />}
          <Events events={events} />
        </div>
      )}
    </Loaded>
  );
}

function Firing({ alert }: { alert: AlertShown }) {
  const severity = severityOf(alert.labels);
  const { summary, description, title, ...annotations } = alert.annotations;
  const runbook = ourRunbook(alert.annotations);
  return (
    <>
      <div className={classes.heads}>
        <HealthMark health={severity.health} word={severity.word} />
        <Standing alert={alert} />
        <span className="soft">
          since <RelativeTime time={alert.starts_at} /> (<AbsoluteTime time={alert.starts_at} />)
        </span>
      </div>
      {(summary ?? title) && <p>{summary ?? title}</p>}
      {description && <p className={`${classes.description} soft`}>{description}</p>}
      <Acts alert={alert} />
      <Held alert={alert} />
      {alert.marks.map((mark) => (
        <Mark key={mark.id} mark={mark} fingerprint={alert.fingerprint} />
      ))}
      <StoryLinks attributes={alert.labels} />
      <Neighbours labels={alert.labels} annotations={alert.annotations} fingerprint={alert.fingerprint} />
      {runbook && <RunbookBeside name={runbook} fingerprint={alert.fingerprint} />}
      <LabelTable title="Labels" labels={alert.labels} />
      {Object.keys(annotations).length > 0 && <LabelTable title="Annotations" labels={annotations} />}
      <SentAbout groupKeys={alert.group_keys} fingerprint={alert.fingerprint} />
    </>
  );
}

function Acts({ alert }: { alert: AlertShown }) {
  const [kind, setKind] = useState<AlertMark["kind"]>();
  const [silencing, setSilencing] = useState(false);
  return (
    <div className={classes.acts}>
      <Button onClick={() => setKind("acknowledged")}>Acknowledge</Button>
      <Button variant="default" onClick={() => setKind("snoozed")}>
        Snooze
      </Button>
      <Button variant="default" onClick={() => setKind("assigned")}>
        Assign
      </Button>
      <Button variant="default" onClick={() => setSilencing(true)}>
        Silence
      </Button>
      {silencing && (
        <SilenceForm
          matchers={matcherText(alert.labels)}
          touches={[`alerts/${alert.fingerprint}`]}
          onClose={() => setSilencing(false)}
        />
      )}
      {kind && (
        <MarkForm
          kind={kind}
          of={{ fingerprint: alert.fingerprint }}
          what={alert.name}
          onClose={() => setKind(undefined)}
        />
      )}
    </div>
  );
}

/** What keeps people from being told of it. */
function Held({ alert }: { alert: AlertShown }) {
  return (
    <>
      {alert.silenced_by.map((id) => (
        <SilencedBy key={id} id={id} fingerprint={alert.fingerprint} />
      ))}
      {alert.inhibited_by.map((id) => (
        <Notice key={id}>
          Nobody is told of it while{" "}
          <Go to="/alerts" search={{ open: id }} className="among">
            another alert
          </Go>{" "}
          fires that inhibits it.
        </Notice>
      ))}
      {alert.muted_by.length > 0 && (
        <Notice>
          All of its routes are muted now by {alert.muted_by.join(", ")}: nobody is told until that is over.
        </Notice>
      )}
    </>
  );
}

function Mark({ mark, fingerprint }: { mark: AlertMark; fingerprint: string }) {
  const remove = useChange<string>(
    (id) => ({ path: `alert-marks/${id}`, method: "DELETE" }),
    [...MARK_TOUCHES, `alerts/${fingerprint}`],
  );
  return (
    <div className={classes.mark}>
      <div>
        <p>
          {mark.kind === "assigned" ? `Assigned to ${mark.assignee}` : STANDING_WORD[mark.kind]} by {mark.by}{" "}
          <RelativeTime time={mark.at} />
          {mark.until && (
            <>
              , until <AbsoluteTime time={mark.until} />
            </>
          )}
          {mark.group_key && <span className="soft"> with its whole group</span>}
        </p>
        {mark.comment && <p className={classes.description}>{mark.comment}</p>}
        <Refused error={remove.error} />
      </div>
      <Button variant="subtle" size="compact-xs" loading={remove.isPending} onClick={() => remove.mutate(mark.id)}>
        Take back
      </Button>
    </div>
  );
}

function Over({ events }: { events: readonly AlertEvent[] }) {
  const newest = events[0];
  const labels = newest?.labels ?? {};
  return (
    <>
      <HealthMark health="good" word="Does not fire" />
      <h2 style={{ marginTop: 8 }}>{newest?.rule}</h2>
      <Neighbours labels={labels} annotations={{}} fingerprint={newest?.fingerprint ?? ""} />
      <LabelTable title="Labels" labels={labels} />
    </>
  );
}

/** From the alert to what else is known: its rule, its runbook, logs and traces of its service. */
function Neighbours(props: {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  fingerprint: string;
}) {
  const { labels, annotations } = props;
  const name = labels.alertname ?? "";
  const rules = useApi<RuleGroups>("rules", { name }, { enabled: name !== "", staleMs: 60_000 });
  const rule = rules.data?.groups.flatMap((group) => group.rules).find((one) => one.name === name);
  const service = labels.service ?? labels.service_name;
  const url = annotations.runbook_url;
  const ours = ourRunbook(annotations);
  return (
    <div className={classes.links}>
      {ours && (
        <Go to="/alerts/runbooks/$" params={{ _splat: ours }} search={{ alert: props.fingerprint }}>
          Runbook {ours}
        </Go>
      )}
      {!ours && elsewhere(url) && (
        <Anchor href={url} target="_blank" rel="noreferrer noopener">
          Runbook ↗
        </Anchor>
      )}
      {rule && (
        <Go to="/alerts/rules/$id" params={{ id: rule.id }}>
          Rule {name}
        </Go>
      )}
      {service && (
        <Go to="/services/$name" params={{ name: service }}>
          Service {service}
        </Go>
      )}
      {service && (
        <Go to="/logs" search={{ query: `service:${service}` }}>
          Its logs
        </Go>
      )}
      <Go to="/alerts/routing" search={{ labels: labelsText(labels) }}>
        Where it goes
      </Go>
      <Go to="/alerts/notifications" search={{ alert: props.fingerprint }}>
        Its notifications
      </Go>
      <CopyId id={props.fingerprint} label="fingerprint" />
    </div>
  );
}

/** What happened to it, newest first. */
export function Events({ events }: { events: readonly AlertEvent[] }) {
  if (events.length === 0) return null;
  return (
    <section aria-label="History">
      <h3>History</h3>
      <ul className={classes.events}>
        {events.map((event) => (
          <li key={event.id}>
            <RelativeTime time={event.at} />
            <span>
              {eventWords(event)}
              {event.comment && <span className="soft">: {event.comment}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The name of a runbook of the plan; an address is somebody else's. */
function ourRunbook({ runbook }: Record<string, string>): string | undefined {
  return runbook && !URL.canParse(runbook) ? runbook : undefined;
}

/** Whether it leads out of Midwatch, and nowhere that could run. */
function elsewhere(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false;
  const { protocol, origin } = new URL(url);
  return /^https?:$/.test(protocol) && origin !== window.location.origin;
}
