import { Button, Pill, SegmentedControl, Select } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useApi } from "@/api/queries";
import type { HandlerRun, HandlerRunPage, HandlerSummaries } from "@/api/types";
import { Badge } from "@/components/Badge";
import { LongTable } from "@/components/LongTable";
import { Middle } from "@/components/Middle";
import { OpenedPage } from "@/components/Opened";
import { Empty, Loaded, NoneOfThese, Snippet } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatCount } from "@/lib/format";
import { orderStanding, refusalOf, RUN_STATE } from "@/model/failedRuns";
import { ErrorsViews } from "@/pages/Errors/ErrorsViews";
import { LIVE_MS } from "@/api/queries";
import { useLive } from "@/state/live";
import { useMayApply } from "@/state/role";
import { useScope } from "@/state/scope";
import { useOpened, useSearchChange } from "@/state/useOpened";
import classes from "./FailedRuns.module.css";
import { Progress } from "./Progress";
import { ReplayForm } from "./ReplayForm";
import { RunView } from "./RunView";
import { type FailedRunsSearch, STANDINGS, UNFILTERED } from "./url";

const NONE: readonly HandlerRun[] = [];
const SHOWN = 200;
const OPEN = ["failed", "stuck", "unknown"] as const;
const STATES = { open: OPEN, done: ["done"], all: [...OPEN, "done"] } as const;
const REMOVE = { "aria-label": "Of every issue", "aria-hidden": false, tabIndex: 0 };
const WORDS = { open: "Failed", done: "Done since", all: "All" } as const;
const COLUMNS = [
  { label: "Handler and key" },
  { label: "State" },
  { label: "Error", wideOnly: true },
  { label: "Service", wideOnly: true },
  { label: "Replay", wideOnly: true },
  { label: "Failed", numeric: true },
];
const HOW = `midwatch.replay_store(engine=engine)

@midwatch.replayable("sms.outbound", key=lambda message: message["id"])
def send(message): ...`;

/** Runs of the apps' handlers that failed, to be run again. */
export function FailedRuns() {
  const search = useSearch({ strict: false }) as FailedRunsSearch;
  const { handler, service, issue, standing = "open", replay } = search;
  const change = useSearchChange<FailedRunsSearch>();
  const { env } = useScope();
  const { live } = useLive();
  const mayReplay = useMayApply();
  const [asking, setAsking] = useState(false);
  const every = replay !== undefined || live ? { everyMs: LIVE_MS } : {};
  const query = useApi<HandlerRunPage>(
    "handler-runs",
    { env, handler, service, issue, state: STATES[standing], limit: SHOWN },
    every,
  );
  const known = useApi<HandlerSummaries>("handlers", { env }, every);
  const rows = query.data?.runs ?? NONE;
  const able = useMemo(() => rows.filter((one) => refusalOf(one) === undefined), [rows]);
  const opened = useOpened(useMemo(() => rows.map((one) => one.id), [rows]));
  const shown = rows.find((one) => one.id === opened.id);
  const isFiltered = handler !== undefined || service !== undefined || issue !== undefined;
  return (
    <OpenedPage
      opened={opened}
      title="Failed runs"
      heading="Errors"
      actions={
        mayReplay &&
        able.length > 0 && (
          <Button
            variant="default"
            leftSection={<IconPlayerPlay size={14} aria-hidden />}
            onClick={() => setAsking(true)}
          >
            Replay all {formatCount(able.length)}
          </Button>
        )
      }
      name={shown?.handler ?? "Failed run"}
      detail={opened.id !== undefined && <RunView key={opened.id} id={opened.id} />}
    >
      <ErrorsViews />
      {replay !== undefined && <Progress batch={replay} onClose={() => change({ replay: undefined })} />}
      <div className={classes.filters}>
        <SegmentedControl
          aria-label="How they stand"
          value={standing}
          onChange={(value) => change({ standing: STANDINGS.find((one) => one === value) })}
          data={STANDINGS.map((one) => ({ value: one, label: WORDS[one] }))}
        />
        <Choice
          label="Handler"
          value={handler}
          values={known.data?.handlers.map((one) => one.handler) ?? []}
          onChange={(value) => change({ handler: value })}
        />
        <Choice
          label="Service"
          value={service}
          values={known.data?.handlers.map((one) => one.service) ?? []}
          onChange={(value) => change({ service: value })}
        />
        {issue !== undefined && (
          <Pill withRemoveButton onRemove={() => change({ issue: undefined })} removeButtonProps={REMOVE}>
            Of issue {issue}
          </Pill>
        )}
      </div>
      <Loaded
        query={query}
        what="the failed runs"
        empty={(data) =>
          data.runs.length === 0 &&
          (isFiltered || standing !== "open" ? (
            <NoneOfThese what="runs" onAll={() => change({ ...UNFILTERED, standing: "all" })}>
              None is in this state, of this handler, service and issue.
            </NoneOfThese>
          ) : known.data?.handlers.length === 0 ? (
            <Empty title="No replayable handlers yet">
              What your app marks as replayable is listed here when it fails, and can be run again with its arguments:
              once, and in your app:
              <Snippet code={HOW} label="the code" />
            </Empty>
          ) : (
            <Empty title="No failed runs">All runs of your apps’ handlers have finished.</Empty>
          ))
        }
      >
        {(data) => (
          <LongTable
            label="Failed runs"
            what={["run", "runs"]}
            items={data.runs}
            columns={COLUMNS}
            current={opened.at}
            more={data.next_cursor && "shown, the newest; there are more: narrow it by handler or service"}
            row={(one) => (
              <Row key={one.id} run={one} current={one.id === opened.current} onOpen={() => opened.open(one.id)} />
            )}
          />
        )}
      </Loaded>
      {asking && (
        <ReplayForm
          which={{ ids: able.map((one) => one.id) }}
          runs={able.length}
          cutOff={able.some((one) => one.state === "unknown")}
          onAsked={(asked) => {
            setAsking(false);
            change({ replay: asked.batch_id });
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </OpenedPage>
  );
}

function Choice(props: {
  label: string;
  value: string | undefined;
  values: readonly string[];
  onChange: (value: string | undefined) => void;
}) {
  const { label, value, values, onChange } = props;
  const known = [...new Set(value === undefined ? values : [...values, value])].sort();
  return (
    <Select
      w={200}
      clearable
      searchable
      aria-label={label}
      placeholder={`${label}: any`}
      data={known}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}

function Row({ run, current, onOpen }: { run: HandlerRun; current: boolean; onOpen: () => void }) {
  const { word, tone, title } = RUN_STATE[run.state];
  const order = run.order && orderStanding(run.order);
  return (
    <tr className={classes.row} data-current={current} onClick={onOpen}>
      <td className={classes.name}>
        <button type="button" className="row-open" title={`${run.handler} ${run.key}`}>
          {run.handler}
        </button>
        <p className="row-under truncate soft">
          <Middle text={run.key} />
        </p>
      </td>
      <td>
        <Badge tone={tone} title={title}>
          {word}
        </Badge>
      </td>
      <td className={`wide-only ${classes.said}`} title={run.error_text}>
        {run.error_type || "–"}
        <p className="row-under truncate soft">{run.error_text}</p>
      </td>
      <td className="wide-only">
        {run.service}
        <p className="row-under truncate soft">{run.environment}</p>
      </td>
      <td className="wide-only">
        {order ? (
          <Badge tone={order.tone}>{order.word}</Badge>
        ) : (
          <span className="soft small">{run.refusal ? "cannot be replayed" : "–"}</span>
        )}
      </td>
      <td className="num">
        <RelativeTime time={run.failed} />
      </td>
    </tr>
  );
}
