import { Button } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { useApi } from "@/api/queries";
import type { HandlerOrder, HandlerRunDetail } from "@/api/types";
import { Badge } from "@/components/Badge";
import { CopyId } from "@/components/CopyId";
import { FactList } from "@/components/FactList";
import { Go } from "@/components/Go";
import { Loaded, Notice, SkeletonRows } from "@/components/State";
import { AbsoluteTime, RelativeTime, useNow } from "@/components/Time";
import { formatExact, searchValue } from "@/lib/format";
import { isOpen, listens, orderStanding, refusalOf, RUN_STATE } from "@/model/failedRuns";
import { useMayApply } from "@/state/role";
import classes from "./FailedRuns.module.css";
import { Payload } from "./Payload";
import { ReplayForm } from "./ReplayForm";

const AGAIN_MS = 1500;
const AROUND_MS = 3_600_000;

/** Everything about one failed run. */
export function RunView({ id }: { id: string }) {
  const [following, setFollowing] = useState(false);
  const query = useApi<HandlerRunDetail>(`handler-runs/${id}`, {}, following ? { everyMs: AGAIN_MS } : {});
  const open = query.data?.orders.some(isOpen) ?? false;
  if (open !== following) setFollowing(open);
  return (
    <Loaded query={query} what="the failed run" skeleton={<SkeletonRows rows={10} />}>
      {(detail) => <Shown detail={detail} />}
    </Loaded>
  );
}

function Shown({ detail }: { detail: HandlerRunDetail }) {
  const { run, orders, listening } = detail;
  const [asking, setAsking] = useState(false);
  const mayReplay = useMayApply();
  const now = useNow();
  const refusal = refusalOf(run);
  const { word, tone, title } = RUN_STATE[run.state];
  return (
    <div className={classes.detail}>
      <div className="row">
        <Badge tone={tone} title={title}>
          {word}
        </Badge>
        <span className="soft small">
          attempt {formatExact(run.attempt)}, <RelativeTime time={run.failed} />
        </span>
      </div>
      {run.state === "stuck" && (
        <Notice tone="warning">
          It hangs in a process that lives. When it finishes after all, it is gone from this list. To run it again, end
          that process: the run then counts as cut off.
        </Notice>
      )}
      {run.state === "unknown" && (
        <Notice tone="warning">
          Its process died in the middle of it, so nobody can say whether it had finished. Look at what it changes
          before you run it again.
        </Notice>
      )}
      {mayReplay ? (
        <p className="row">
          <Button
            leftSection={<IconPlayerPlay size={14} aria-hidden />}
            disabled={refusal !== undefined}
            onClick={() => setAsking(true)}
          >
            Replay
          </Button>
          {refusal && <span className="small soft">{refusal}</span>}
        </p>
      ) : (
        <p className="small soft">Engineers and admins may replay it.</p>
      )}
      {!listens(listening, now) && run.state !== "done" && (
        <Notice>
          {listening === null
            ? "No app that has this handler has asked for orders yet"
            : "No app that has this handler asks for orders now"}
          : an order waits for one for a day.
        </Notice>
      )}
      {run.error_type && (
        <section aria-label="Error">
          <h3>{run.error_type}</h3>
          <p className={classes.error}>{run.error_text}</p>
        </section>
      )}
      <FactList
        facts={[
          ["Handler", run.handler],
          ["Key", run.key],
          ["Service", run.service],
          ["Environment", run.environment],
          ["Began", <AbsoluteTime key="began" time={run.started} />],
          ["Failed", <AbsoluteTime key="failed" time={run.failed} />],
          ["Finished since", run.done && <AbsoluteTime key="done" time={run.done} />],
          ["Issue", run.issue_id !== null && <IssueLink id={run.issue_id} />],
          ["Trace", run.trace_id && <TraceLink id={run.trace_id} />],
          ["Story", run.correlation_id && <StoryLink id={run.correlation_id} at={run.failed} />],
        ]}
      />
      <Payload run={run} />
      {orders.length > 0 && <Orders orders={orders} />}
      {asking && (
        <ReplayForm
          which={{ ids: [run.id] }}
          runs={1}
          cutOff={run.state === "unknown"}
          onAsked={() => setAsking(false)}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}

function IssueLink({ id }: { id: number }) {
  return (
    <Go to="/errors/$id" params={{ id: String(id) }}>
      {id}
    </Go>
  );
}

function TraceLink({ id }: { id: string }) {
  return (
    <span className="row">
      <Go to="/traces/$traceId" params={{ traceId: id }}>
        Open
      </Go>
      <CopyId id={id} label="trace id" />
    </span>
  );
}

function StoryLink({ id, at }: { id: string; at: string }) {
  const start = new Date(Date.parse(at) - AROUND_MS).toISOString();
  return (
    <Go to="/logs" search={{ query: `correlation_id:${searchValue(id)}`, start, end: "now" }}>
      All that has its correlation id
    </Go>
  );
}

function Orders({ orders }: { orders: readonly HandlerOrder[] }) {
  return (
    <section aria-label="Replays of it">
      <h3>Replays of it</h3>
      <ul className={classes.orders}>
        {orders.map((one) => {
          const { word, tone } = orderStanding(one);
          return (
            <li key={one.id}>
              <div className="row">
                <Badge tone={tone}>{word}</Badge>
                {one.dry_run && <Badge tone="none">dry run</Badge>}
                <span className="small soft">
                  {one.asked_by}, <RelativeTime time={one.asked} />
                </span>
              </div>
              <p className="small">{one.reason}</p>
              {one.detail && <p className="small soft">{one.detail}</p>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}
