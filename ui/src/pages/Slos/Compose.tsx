import { Button, NumberInput, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { type QueryData, usePrometheus } from "@/api/prometheus";
import { useChange } from "@/api/queries";
import type { PlanResult } from "@/api/types";
import { CodeBlock } from "@/components/CopyId";
import { Go } from "@/components/Go";
import { PageFrame } from "@/components/PageFrame";
import { Notice, Refused } from "@/components/State";
import { formatShare, formatSeconds } from "@/lib/format";
import { alertName, fileOf, queriesOf, type SloChoice, slothOf, targetText } from "@/model/slo";
import { useMayApply } from "@/state/role";
import classes from "./Slos.module.css";

const BEGIN: SloChoice = {
  service: "shop",
  name: "availability",
  description: "",
  objective: 99.9,
  window: "30d",
  kind: "ratio",
  metric: "http_requests_total",
  all: "",
  bad: 'status=~"5.."',
  bound: "0.5",
  alert: "",
  runbook: "",
};
const METRIC: Record<SloChoice["kind"], string> = {
  ratio: BEGIN.metric,
  latency: "http_request_duration_seconds",
};
const TRIED_OVER = "1h";
const TYPING_MS = 600;
const WINDOW_SECONDS: Record<string, number> = { "7d": 604_800, "28d": 2_419_200, "30d": 2_592_000 };

/** An objective out of a few choices, as a file for the plan: with what it says of the last hour. */
export function Compose({ onDone }: { onDone: () => void }) {
  const [choice, setChoice] = useState(BEGIN);
  const put = (part: Partial<SloChoice>) => setChoice({ ...choice, ...part });
  return (
    <PageFrame
      title="Compose an SLO"
      actions={
        <Button variant="default" onClick={onDone}>
          Back to the list
        </Button>
      }
    >
      <div className={classes.compose}>
        <Choices choice={choice} put={put} />
        <div>
          <Tried choice={choice} />
          <p>
            Put this into the plan as <code>{fileOf(choice)}</code>:
          </p>
          <CodeBlock code={slothOf(choice)} label="the objective's file" />
          <PutInForce file={fileOf(choice)} text={slothOf(choice)} />
          <p className="small soft">
            From it come recording rules, and alerts over several windows: a page where the budget goes fast, a ticket
            where it goes slowly.
          </p>
        </div>
      </div>
    </PageFrame>
  );
}

/** Here and now, for whoever may; the repository of the plan should have it, too. */
function PutInForce({ file, text }: { file: string; text: string }) {
  const mayApply = useMayApply();
  const add = useChange<string, PlanResult>(
    (body) => ({ path: `plan/files/${file}`, method: "PUT", body: { text: body } }),
    ["slos", "rules", "plan"],
  );
  const wrong = add.data?.ok === false ? add.data.problems.map((one) => one.message) : [];
  return (
    <>
      {mayApply && (
        <p>
          <Button loading={add.isPending} onClick={() => add.mutate(text)}>
            Put it in force
          </Button>
        </p>
      )}
      <Refused error={add.error} />
      {wrong.length > 0 && <Notice tone="bad">Not in force: {wrong.join("; ")}</Notice>}
      {add.data?.ok && (
        <Notice>
          It is in force:{" "}
          <Go to="/alerts/slos" className="among">
            it stands in the list
          </Go>
          . Keep the file in the repository of your plan, too: the next <code>midwatch apply</code> leaves nothing but
          what is there.
        </Notice>
      )}
      {!add.data?.ok && (
        <>
          <p>{mayApply ? "Or from the repository of your plan:" : "Then put it in force:"}</p>
          <CodeBlock code="midwatch apply" label="the command" />
        </>
      )}
    </>
  );
}

function Choices({ choice, put }: { choice: SloChoice; put: (part: Partial<SloChoice>) => void }) {
  return (
    <div className={classes.form}>
      <div className={classes.pair}>
        <TextInput
          label="Service"
          value={choice.service}
          onChange={(event) => put({ service: event.currentTarget.value })}
        />
        <TextInput label="Name" value={choice.name} onChange={(event) => put({ name: event.currentTarget.value })} />
      </div>
      <TextInput
        label="What it promises"
        placeholder="Orders are taken."
        value={choice.description}
        onChange={(event) => put({ description: event.currentTarget.value })}
      />
      <div className={classes.pair}>
        <NumberInput
          size="xs"
          label="Good events, per cent"
          min={1}
          max={99.9999}
          step={0.1}
          value={choice.objective}
          onChange={(value) => Number(value) > 0 && Number(value) < 100 && put({ objective: Number(value) })}
        />
        <Select
          label="Over"
          data={["7d", "28d", "30d"]}
          allowDeselect={false}
          value={choice.window}
          onChange={(value) => put({ window: value ?? BEGIN.window })}
        />
      </div>
      <SegmentedControl
        aria-label="Indicator"
        value={choice.kind}
        onChange={(value) => {
          const kind = value as SloChoice["kind"];
          put({ kind, ...(choice.metric === METRIC[choice.kind] ? { metric: METRIC[kind] } : {}) });
        }}
        data={[
          { value: "ratio", label: "Good of all" },
          { value: "latency", label: "Fast enough" },
        ]}
      />
      <TextInput
        label={choice.kind === "ratio" ? "Counter of events" : "Histogram of seconds"}
        description={choice.kind === "latency" ? "Without _bucket" : undefined}
        value={choice.metric}
        onChange={(event) => put({ metric: event.currentTarget.value })}
      />
      <TextInput
        label="Which of its series"
        placeholder={'job="shop"'}
        value={choice.all}
        onChange={(event) => put({ all: event.currentTarget.value })}
      />
      {choice.kind === "ratio" ? (
        <TextInput label="Bad where" value={choice.bad} onChange={(event) => put({ bad: event.currentTarget.value })} />
      ) : (
        <TextInput
          label="Fast is at most"
          description="One of the histogram's bounds (le)"
          value={choice.bound}
          onChange={(event) => put({ bound: event.currentTarget.value })}
        />
      )}
      <div className={classes.pair}>
        <TextInput
          label="Alert"
          placeholder={alertName(choice)}
          value={choice.alert}
          onChange={(event) => put({ alert: event.currentTarget.value })}
        />
        <TextInput
          label="Runbook"
          placeholder="https://…"
          value={choice.runbook}
          onChange={(event) => put({ runbook: event.currentTarget.value })}
        />
      </div>
    </div>
  );
}

/** What its queries find now: so that a typing error is seen before it is in force. */
function Tried({ choice }: { choice: SloChoice }) {
  const { error, total } = queriesOf(choice, TRIED_OVER);
  const [query] = useDebouncedValue(`((${error}) or vector(0)) / (${total})`, TYPING_MS);
  const found = usePrometheus<QueryData>("query", { query }, { enabled: choice.metric.trim() !== "" });
  const budget = 1 - choice.objective / 100;
  const allowed = formatSeconds(budget * (WINDOW_SECONDS[choice.window] ?? 0));
  if (found.isError) return <Notice tone="bad">Its queries cannot be asked: {found.error.message}</Notice>;
  const sample = found.data?.data.resultType === "vector" ? found.data.data.result[0]?.value?.[1] : undefined;
  const ratio = Number(sample);
  if (found.data === undefined) return <Notice>Asking what its queries find …</Notice>;
  if (sample === undefined || Number.isNaN(ratio))
    return (
      <Notice tone="warning">Its queries find no events in the last hour: check the metric and its labels.</Notice>
    );
  return (
    <Notice tone={ratio > budget ? "warning" : "good"}>
      In the last hour {formatShare(ratio)} of its events were bad; a target of {targetText(choice.objective / 100)}{" "}
      allows {formatShare(budget)}, as much as {allowed} of nothing but bad ones.
    </Notice>
  );
}
