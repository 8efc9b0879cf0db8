import { Button, CloseButton } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import type { ApiError } from "@/api/client";
import { type Answer, type ExemplarSeries, type QueryData, usePrometheus } from "@/api/prometheus";
import { LIVE_MS } from "@/api/queries";
import { Chart, type ChartDot } from "@/components/Chart";
import { Empty, Loaded, LookFurther, Notice, Slow } from "@/components/State";
import { formatBytes, formatSeconds, formatShare, plural, threeDigits } from "@/lib/format";
import { resolveRange } from "@/model/range";
import { interpolate } from "@/model/board/interpolation";
import { builtIn, type Window } from "@/model/board/intervals";
import { chartSeries, numberOfText, selectorOf } from "@/model/series";
import { type Metric, unitOf } from "@/model/suggest";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";
import { Builder } from "./Builder";
import classes from "./Metrics.module.css";
import { PromEditor } from "./PromEditor";
import { ResultTable } from "./ResultTable";

/** As many lines as can be told apart; the table has all. */
const LINES_MAX = 100;

/** One query: its field, and what it finds as lines or as a table. */
export function QueryPanel(props: {
  label: string;
  query: string;
  times: Window;
  view: "chart" | "table";
  /** The metric that was picked from the list: its choices are offered. */
  metric?: Metric;
  onRun: (query: string) => void;
  onRemove?: () => void;
}) {
  const { query, times, view } = props;
  const [text, setText] = useState(query);
  useEffect(() => setText(query), [query]);
  return (
    <section className={classes.panel} aria-label={props.label}>
      <div className={classes.field}>
        <PromEditor value={text} label={props.label} onChange={setText} onRun={() => props.onRun(text)} />
        <Button onClick={() => props.onRun(text)} title="Enter">
          Run query
        </Button>
        {props.onRemove && <CloseButton aria-label={`Remove ${props.label}`} onClick={props.onRemove} />}
      </div>
      {props.metric && <Builder key={props.metric.name} metric={props.metric} onBuild={props.onRun} />}
      {query === "" ? null : view === "chart" ? (
        <RangeResult query={query} times={times} />
      ) : (
        <InstantResult query={query} times={times} />
      )}
    </section>
  );
}

function useQueryParams(query: string, times: Window) {
  const scope = useScope();
  return { query: interpolate(query, builtIn(times), "promql"), env: scope.env };
}

/** While the page is live its end moves, and the answer with it. */
function useTimes(times: Window): Window & { everyMs?: number } {
  const { live } = useLive();
  const { range } = useScope();
  const [now, setNow] = useState(0);
  useEffect(() => {
    if (!live) return;
    const timer = setInterval(() => setNow(Date.now()), LIVE_MS);
    return () => clearInterval(timer);
  }, [live]);
  return useMemo(() => (now === 0 ? times : { ...times, ...resolveRange(range, now) }), [now, times, range]);
}

function RangeResult({ query, times }: { query: string; times: Window }) {
  const client = useQueryClient();
  const shown = useTimes(times);
  const step = shown.stepMs / 1000;
  const params = useQueryParams(query, shown);
  // Whole steps, so that lines do not tremble as the end moves on; the last one is over, so that no line falls at its end.
  const start = Math.floor(shown.startMs / 1000 / step) * step;
  const end = Math.floor(shown.endMs / 1000 / step) * step;
  const found = usePrometheus<QueryData>("query_range", { ...params, start, end, step });
  const exemplars = usePrometheus<ExemplarSeries[]>(
    "query_exemplars",
    { ...params, start, end },
    { enabled: found.isSuccess },
  );
  if (isMistake(found.error)) return <Notice tone="bad">{found.error.message}</Notice>;
  return (
    <>
      <Slow
        busy={found.isFetching}
        what="running the query"
        onCancel={() => void client.cancelQueries({ queryKey: ["prometheus", "query_range"] })}
      />
      <Loaded
        query={found}
        what="the result"
        empty={({ data }) =>
          data.result.length === 0 && (
            <Empty title="No series here" action={<LookFurther />}>
              The query is right and finds nothing in this time range.
            </Empty>
          )
        }
      >
        {(answer) => <Lines answer={answer} exemplars={exemplars.data?.data ?? []} query={query} times={shown} />}
      </Loaded>
    </>
  );
}

function Lines(props: {
  answer: Answer<QueryData>;
  exemplars: readonly ExemplarSeries[];
  query: string;
  times: Window;
}) {
  const { answer, query, times } = props;
  const navigate = useNavigate();
  const found = useMemo(() => (answer.data.resultType === "matrix" ? answer.data.result : []), [answer]);
  const series = useMemo(() => chartSeries(found.slice(0, LINES_MAX), times.stepMs / 1000), [found, times.stepMs]);
  const dots = useMemo(() => dotsOf(props.exemplars), [props.exemplars]);
  return (
    <>
      <Told answer={answer} />
      {found.length > LINES_MAX && (
        <Notice tone="warning">
          {plural(found.length, "series", "series")} found, {LINES_MAX} drawn: sum them by a label, or take{" "}
          <code>topk(10, …)</code>. The table has all.
        </Notice>
      )}
      <Chart
        title={query}
        heading={false}
        series={series}
        startMs={times.startMs}
        endMs={times.endMs}
        format={formatOf(query)}
        height={280}
        fromZero={false}
        legend
        dots={dots}
        onDot={(dot) => void navigate({ to: "/traces/$traceId", params: { traceId: dot.id } } as never)}
      />
    </>
  );
}

function InstantResult({ query, times }: { query: string; times: Window }) {
  const shown = useTimes(times);
  const params = useQueryParams(query, shown);
  const found = usePrometheus<QueryData>("query", { ...params, time: shown.endMs / 1000 });
  if (isMistake(found.error)) return <Notice tone="bad">{found.error.message}</Notice>;
  return (
    <Loaded query={found} what="the result">
      {(answer) => (
        <>
          <Told answer={answer} />
          <ResultTable data={answer.data} format={formatOf(query)} />
        </>
      )}
    </Loaded>
  );
}

/** Something about the query itself, said where the query stands. */
function isMistake(error: ApiError | null): error is ApiError {
  return error !== null && (error.problem.code === "bad_data" || error.problem.code === "execution");
}

/** What Prometheus says beside an answer. */
function Told({ answer }: { answer: Answer<unknown> }) {
  return (
    <>
      {(answer.warnings ?? []).map((text) => (
        <Notice key={text} tone="warning">
          {text}
        </Notice>
      ))}
      {(answer.infos ?? []).map((text) => (
        <Notice key={text}>{text}</Notice>
      ))}
    </>
  );
}

function dotsOf(found: readonly ExemplarSeries[]): ChartDot[] {
  return found.flatMap(({ seriesLabels, exemplars }) =>
    exemplars.flatMap(({ labels, value, timestamp }) => {
      const id = labels["trace_id"] ?? labels["traceID"] ?? labels["traceId"];
      return id ? [{ atMs: timestamp * 1000, value: numberOfText(value), id, label: selectorOf(seriesLabels) }] : [];
    }),
  );
}

function formatOf(query: string): (value: number) => string {
  switch (unitOf(query)) {
    case "seconds":
      return formatSeconds;
    case "bytes":
      return formatBytes;
    case "ratio":
      return formatShare;
    case "per second":
      return (value) => `${threeDigits(value)}/s`;
    default:
      return formatPlain;
  }
}

function formatPlain(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return Math.abs(value) >= 1e6 ? value.toExponential(2) : threeDigits(value);
}
