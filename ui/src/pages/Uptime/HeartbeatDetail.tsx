import { Button, Modal } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMemo } from "react";
import { LIVE_MS, useApi, useChange } from "@/api/queries";
import type { HeartbeatAnswer, HeartbeatSign, HeartbeatSummary } from "@/api/types";
import { Chart } from "@/components/Chart";
import { CodeBlock } from "@/components/CopyId";
import fields from "@/components/Fields.module.css";
import { HealthMark } from "@/components/HealthMark";
import { Section } from "@/components/PageFrame";
import { Loaded, Notice, Refused } from "@/components/State";
import { AbsoluteTime, RelativeTime } from "@/components/Time";
import { formatSeconds } from "@/lib/format";
import type { Health } from "@/model/red";
import { CONDITION_WORD, conditionHealth, durations, runSeconds, scheduleText } from "@/model/uptime";
import { Confirm } from "@/components/Confirm";
import { useMayEdit } from "@/state/role";
import { HeartbeatForm } from "./HeartbeatForm";
import classes from "./Uptime.module.css";

const SIGN: Record<HeartbeatSign["status"], { health: Health; word: string }> = {
  started: { health: "idle", word: "started" },
  ok: { health: "good", word: "done" },
  failed: { health: "bad", word: "failed" },
  log: { health: "idle", word: "note" },
};

/** How one is and why, when it is expected, where it pings, how long its runs took, what it said. */
export function HeartbeatDetail({ id, onGone }: { id: string; onGone: () => void }) {
  const query = useApi<HeartbeatAnswer>(`heartbeats/${id}`, {}, { everyMs: LIVE_MS });
  return (
    <Loaded query={query} what="the heartbeat">
      {(data) => <Detail data={data} onGone={onGone} />}
    </Loaded>
  );
}

function Detail({
  data: { summary, signs, changes, upcoming },
  onGone,
}: {
  data: HeartbeatAnswer;
  onGone: () => void;
}) {
  const { condition, reason, schedule, source, labels } = summary;
  const health = conditionHealth(summary);
  const took = useMemo(() => runSeconds(signs), [signs]);
  return (
    <div className={classes.detail}>
      <div className="spread">
        <span className="row">
          <HealthMark health={health} word={CONDITION_WORD[condition]} />
          {summary.since && (
            <span className="soft small">
              since <RelativeTime time={summary.since} />
            </span>
          )}
        </span>
        <Acts summary={summary} onGone={onGone} />
      </div>
      {reason && (health === "bad" || health === "warning") && <Notice tone={health}>{reason}</Notice>}
      {summary.overlapping && (
        <Notice tone="warning">{summary.runs.length} runs are open at the same time: they overlap.</Notice>
      )}
      {summary.description && <p>{summary.description}</p>}
      <table className={fields.fields}>
        <tbody>
          <Field name="Expected">{scheduleText(schedule)}</Field>
          <Field name="Grace">{formatSeconds(schedule.grace_seconds)}</Field>
          {schedule.max_runtime_seconds && (
            <Field name="Longest run">{formatSeconds(schedule.max_runtime_seconds)}</Field>
          )}
          <Field name="Last sign">{summary.last ? <AbsoluteTime time={summary.last} /> : "none yet"}</Field>
          {summary.environment && <Field name="Environment">{summary.environment}</Field>}
          <Field name="Schedule set by">{source === "page" ? "this page" : source}</Field>
          {Object.entries(labels).map(([label, value]) => (
            <Field key={label} name={label}>
              {value}
            </Field>
          ))}
        </tbody>
      </table>
      {summary.ping_path && <Ping path={summary.ping_path} />}
      <Section title="Next expected">
        {upcoming.length > 0 ? (
          <ol className={classes.changes}>
            {upcoming.map((at) => (
              <li key={at}>
                <RelativeTime time={at} />
                <AbsoluteTime time={at} />
              </li>
            ))}
          </ol>
        ) : (
          <p className="soft">Nothing is expected{schedule.every_seconds ? " before its first sign" : ""}.</p>
        )}
      </Section>
      <Durations signs={signs} />
      <Section title="Signs" aside={signs.length > 0 && `the newest ${signs.length}`}>
        <ul className={classes.changes}>
          {signs.map((one) => (
            <li key={one.id}>
              <HealthMark {...SIGN[one.status]} />
              <span className="soft">
                {[took.has(one.id) ? `after ${formatSeconds(took.get(one.id))}` : "", one.detail, `by ${one.door}`]
                  .filter(Boolean)
                  .join(", ")}
              </span>
              <RelativeTime time={one.at} />
            </li>
          ))}
        </ul>
        {signs.length === 0 && <p className="soft">None has come yet.</p>}
      </Section>
      <Section title="Changes">
        <ul className={classes.changes}>
          {changes.map((one) => (
            <li key={one.id}>
              <HealthMark
                health={conditionHealth({ condition: one.condition_to, healthy: one.healthy })}
                word={CONDITION_WORD[one.condition_to]}
              />
              <span className="soft">{one.reason}</span>
              <RelativeTime time={one.at} />
            </li>
          ))}
        </ul>
        {changes.length === 0 && <p className="soft">Its state has not changed yet.</p>}
      </Section>
    </div>
  );
}

function Field({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{children}</td>
    </tr>
  );
}

function Ping({ path }: { path: string }) {
  const url = `${window.location.origin}${path}`;
  return (
    <Section title="Ping URL" aside="whoever knows it may ping">
      <CodeBlock code={`curl -fsS --retry 3 \\\n  ${url}`} label="the command that pings" />
      <p className="small soft" style={{ marginTop: 8 }}>
        Ask <code>{path.split("/").slice(0, 2).join("/")}/…/start</code> when it begins to have its run measured, and{" "}
        <code>/fail</code> when it fails; a body is kept as its detail.
      </p>
    </Section>
  );
}

function Durations({ signs }: { signs: readonly HeartbeatSign[] }) {
  const points = useMemo(() => durations(signs), [signs]);
  const first = points[0];
  const last = points[points.length - 1];
  if (!first || !last || points.length < 2) return null;
  const margin = Math.max((last[0] - first[0]) * 0.03, 1000);
  return (
    <Chart
      title="Duration of its runs"
      series={[{ name: "duration", points }]}
      startMs={first[0] - margin}
      endMs={last[0] + margin}
      format={formatSeconds}
      height={120}
    />
  );
}

/** What the plan set can be changed there alone. */
function Acts({ summary, onGone }: { summary: HeartbeatSummary; onGone: () => void }) {
  const mayEdit = useMayEdit();
  const [editing, { open, close }] = useDisclosure(false);
  const remove = useChange<string>((id) => ({ path: `heartbeats/${id}`, method: "DELETE" }), ["heartbeats"]);
  if (!mayEdit || summary.source === "plan") return null;
  return (
    <div className={classes.acts}>
      <Refused error={remove.error} />
      <Button size="compact-xs" variant="default" onClick={open}>
        Edit heartbeat
      </Button>
      <Confirm
        act="Delete heartbeat"
        what={`“${summary.name}”, its signs and its history will be gone, and its ping URL answers no more.`}
        busy={remove.isPending}
        onConfirm={() => remove.mutate(summary.id, { onSuccess: onGone })}
      />
      <Modal opened={editing} onClose={close} title="Edit heartbeat" closeButtonProps={{ "aria-label": "Close" }}>
        <HeartbeatForm heartbeat={summary} onDone={close} />
      </Modal>
    </div>
  );
}
