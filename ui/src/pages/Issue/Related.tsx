import { IconAlertTriangle } from "@tabler/icons-react";
import { useApi } from "@/api/queries";
import type {
  AlertGroupList,
  EventDetail,
  EventFacts,
  HandlerRunPage,
  IssueDetail,
  IssueList,
  LogPage,
  TraceDetail,
} from "@/api/types";
import { CopyId } from "@/components/CopyId";
import { Go } from "@/components/Go";
import { IssueBadges } from "@/components/IssueBadges";
import { LogLines } from "@/components/LogLines";
import { StoryLinks } from "@/components/Story/StoryLinks";
import { RelativeTime } from "@/components/Time";
import { formatNanos, plural, searchValue } from "@/lib/format";
import { subjectOf } from "@/model/releases";
import classes from "./Issue.module.css";

const AROUND_MS = 30_000;
const MARGIN_MS = 3_600_000;
const LINES = 8;
const RUNS = 100;
const STALE_MS = 30_000;

/** Its neighbours: trace, log lines, replay, alerts, issues like it, and the commits that may have made it. */
export function Related({ found, detail }: { found: EventDetail; detail: IssueDetail }) {
  const { facts } = found;
  return (
    <>
      {facts.replay_id && (
        <section aria-label="Replay">
          <h3>Replay</h3>
          <Go to="/replays/$id" params={{ id: facts.replay_id }} search={{ at: facts.time }}>
            Watch what the user did before it
          </Go>
        </section>
      )}
      <StoryLinks
        attributes={{
          ...facts.tags,
          ...(facts.user ? { user_id: facts.user.slice(facts.user.indexOf(":") + 1) } : {}),
        }}
        traceId={facts.trace_id}
      />
      {facts.trace_id && <TraceOf facts={facts} />}
      <LinesAround facts={facts} />
      <Suspects detail={detail} />
      <FailedRuns id={detail.issue.id} />
      <Alerts id={detail.issue.id} />
      <Similar id={detail.issue.id} />
    </>
  );
}

function rangeAround(time: string, ms: number): { start: string; end: string } {
  const at = Date.parse(time);
  return { start: new Date(at - ms).toISOString(), end: new Date(at + ms).toISOString() };
}

function TraceOf({ facts }: { facts: EventFacts }) {
  const trace = useApi<TraceDetail>(`traces/${facts.trace_id}`, {}, { staleMs: STALE_MS });
  const root = trace.data?.spans.find((span) => span.parent_span_id === "") ?? trace.data?.spans[0];
  const spanId = trace.data?.spans.some((span) => span.span_id === facts.span_id) ? facts.span_id : undefined;
  return (
    <section aria-label="Trace">
      <h3>Trace</h3>
      <p className="row" style={{ flexWrap: "wrap" }}>
        {trace.data && root ? (
          <>
            <Go
              to="/traces/$traceId"
              params={{ traceId: facts.trace_id }}
              search={spanId === undefined ? {} : { span: spanId }}
            >
              {root.name || "Trace"}
            </Go>
            <span className="soft small">
              {formatNanos(trace.data.duration_ns)}, {plural(trace.data.spans.length, "span")} in{" "}
              {trace.data.services.map((one) => one.service).join(", ")}
            </span>
          </>
        ) : (
          <span className="soft">
            {trace.isError ? "None of its spans is here: it was not sampled, or is not kept any more." : "…"}
          </span>
        )}
        <CopyId id={facts.trace_id} label="trace id" />
      </p>
    </section>
  );
}

function LinesAround({ facts }: { facts: EventFacts }) {
  const traced = facts.trace_id !== "";
  const range = rangeAround(facts.time, traced ? MARGIN_MS : AROUND_MS);
  const query = traced ? `trace_id:${facts.trace_id}` : `service:${searchValue(facts.service)}`;
  const logs = useApi<LogPage>(
    "logs",
    { ...range, query, limit: LINES, order: "newest" },
    { staleMs: STALE_MS, enabled: traced || facts.service !== "" },
  );
  if (!logs.data || logs.data.rows.length === 0) return null;
  return (
    <section aria-label="Log lines">
      <div className="spread">
        <h3>{traced ? "Log lines of the trace" : "Log lines around it"}</h3>
        <Go to="/logs" search={{ ...range, query }} className="small">
          all of them
        </Go>
      </div>
      <LogLines rows={logs.data.rows} searchOf={() => ({ ...range, query })} />
    </section>
  );
}

function Suspects({ detail }: { detail: IssueDetail }) {
  if (detail.suspects.length === 0) return null;
  return (
    <section aria-label="Suspect commits">
      <h3>Suspect commits</h3>
      <ul className={classes.list}>
        {detail.suspects.map((one) => (
          <li key={one.sha}>
            <CopyId id={one.sha} label="commit" /> {subjectOf(one.message)}{" "}
            <span className="soft small">
              {one.author}, in{" "}
              <Go to="/releases" search={{ open: one.release }}>
                {one.release}
              </Go>
              : {one.files.join(", ")}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Runs of handlers that failed with it, where there are some. */
function FailedRuns({ id }: { id: number }) {
  const found = useApi<HandlerRunPage>("handler-runs", { issue: id, limit: RUNS }, { staleMs: STALE_MS });
  const runs = found.data?.runs ?? [];
  if (runs.length === 0) return null;
  return (
    <section aria-label="Failed runs">
      <h3>Failed runs</h3>
      <Go to="/failed-runs" search={{ issue: String(id) }}>
        {found.data?.next_cursor ? "More than " : ""}
        {plural(runs.length, "run")} failed here: replay
      </Go>
    </section>
  );
}

function Alerts({ id }: { id: number }) {
  const words = `issue=${id}`;
  const found = useApi<AlertGroupList>("alert-groups", { words, limit: 20, per_group: 10 }, { staleMs: STALE_MS });
  const alerts = (found.data?.groups ?? [])
    .flatMap((group) => group.alerts)
    .filter((one) => one.labels.issue === String(id));
  const unique = [...new Map(alerts.map((one) => [one.fingerprint, one])).values()];
  return (
    <section aria-label="Alerts">
      <div className="spread">
        <h3>Alerts</h3>
        <Go to="/alerts/history" search={{ matchers: `issue="${id}"` }} className="small">
          those before
        </Go>
      </div>
      {unique.length === 0 ? (
        <p className="small soft">None fires for this issue.</p>
      ) : (
        <ul className={classes.list}>
          {unique.map((one) => (
            <li key={one.fingerprint}>
              <IconAlertTriangle size={14} className="bad" aria-hidden />{" "}
              <Go to="/alerts" search={{ filter: words, open: one.fingerprint }}>
                {one.name}
              </Go>{" "}
              <span className="soft small">
                since <RelativeTime time={one.starts_at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Similar({ id }: { id: number }) {
  const found = useApi<IssueList>(`issues/${id}/similar`, {}, { staleMs: STALE_MS });
  if (!found.data || found.data.issues.length === 0) return null;
  return (
    <section aria-label="Similar issues">
      <h3>Similar issues</h3>
      <ul className={classes.list}>
        {found.data.issues.map((one) => (
          <li key={one.id}>
            <Go to="/errors/$id" params={{ id: String(one.id) }}>
              {one.title}
            </Go>{" "}
            <IssueBadges issue={one} />{" "}
            <span className="soft small">
              {one.culprit} <RelativeTime time={one.last_seen} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
