import { Button, SegmentedControl } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { type Metadata, usePrometheus } from "@/api/prometheus";
import { FilterPane } from "@/components/Facets";
import { PageFrame } from "@/components/PageFrame";
import { Empty, HowToSend, Loaded, LookFurther, SkeletonRows } from "@/components/State";
import { resolveRange } from "@/model/range";
import { windowOf } from "@/model/board/intervals";
import { buildQuery, figuresOf, type Metric, metricsOf } from "@/model/suggest";
import { useScope } from "@/state/scope";
import { MetricList } from "./MetricList";
import classes from "./Metrics.module.css";
import { MetricsViews } from "./MetricsViews";
import { QueryPanel } from "./QueryPanel";
import type { MetricsSearch, View } from "./url";

const POINTS = 400;
const NONE: readonly string[] = [""];
const AS: { value: View; label: string }[] = [
  { value: "chart", label: "Chart" },
  { value: "table", label: "Table" },
];

/** PromQL over all metrics: pick one, or write queries; as lines or as a table. */
export function Metrics() {
  const search = useSearch({ strict: false }) as MetricsSearch;
  const navigate = useNavigate();
  const { range } = useScope();
  const view = search.view ?? "chart";
  const queries = search.expr ?? NONE;
  const [picked, setPicked] = useState<{ at: number; metric: Metric } | null>(null);
  const change = useCallback(
    (part: MetricsSearch) =>
      void navigate({ to: ".", resetScroll: false, search: ((before: object) => ({ ...before, ...part })) as never }),
    [navigate],
  );
  const times = useMemo(() => {
    const { startMs, endMs } = resolveRange(range, Date.now());
    return windowOf(startMs, endMs, POINTS, (search.step ?? 1) * 1000);
    // Queries: running one again asks up to now.
  }, [range, search.step, queries]); // eslint-disable-line react-hooks/exhaustive-deps
  const start = Math.floor(times.startMs / 60_000) * 60;
  const names = usePrometheus<string[]>("label/__name__/values", { start }, { staleMs: 30_000 });
  const metadata = usePrometheus<Record<string, Metadata[]>>("metadata", {}, { staleMs: 60_000 });
  const metrics = useMemo(
    () => metricsOf(names.data?.data ?? [], metadata.data?.data ?? {}),
    [names.data, metadata.data],
  );
  const run = (at: number, query: string) =>
    change({ expr: queries.map((one, index) => (index === at ? query.trim() : one)) });
  function pick(metric: Metric) {
    const at = queries.length - 1;
    setPicked({ at, metric });
    const [figure = "value"] = figuresOf(metric.kind);
    const query = buildQuery({ metric, figure, matchers: [], by: [] });
    change({ expr: queries.map((one, index) => (index === at ? query : one)) });
  }
  return (
    <PageFrame
      title="Metrics"
      actions={
        <SegmentedControl
          aria-label="Show as"
          value={view}
          onChange={(value) => change({ view: value === "table" ? "table" : undefined })}
          data={AS}
        />
      }
    >
      <MetricsViews />
      <div className={classes.columns}>
        <FilterPane label="Metrics">
          <Loaded query={names} what="the names of metrics" skeleton={<SkeletonRows rows={12} height={14} />}>
            {() => <MetricList metrics={metrics} onPick={pick} />}
          </Loaded>
        </FilterPane>
        <div className={classes.results}>
          {queries.map((query, at) => (
            <QueryPanel
              key={at}
              label={queries.length > 1 ? `Query ${at + 1}` : "Query"}
              query={query}
              times={times}
              view={view}
              metric={picked?.at === at ? picked.metric : undefined}
              onRun={(text) => run(at, text)}
              onRemove={
                queries.length > 1
                  ? () => {
                      setPicked(null);
                      change({ expr: queries.filter((_, index) => index !== at) });
                    }
                  : undefined
              }
            />
          ))}
          {queries[0] === "" && names.data && metrics.length === 0 ? (
            <Empty
              title="No metrics here"
              action={
                <span className="row">
                  <LookFurther />
                  <HowToSend />
                </span>
              }
            >
              No metric came in this time range. Choose a longer range or other environments, or send something.
            </Empty>
          ) : queries[0] === "" ? (
            <Empty title="Pick a metric, or write a query">
              A click on a metric asks what is usually asked of its kind: the rate of a counter, the 95th percentile of
              a histogram, the value of a gauge.
            </Empty>
          ) : (
            <Button
              variant="default"
              leftSection={<IconPlus size={14} />}
              onClick={() => {
                setPicked(null);
                change({ expr: [...queries, ""] });
              }}
            >
              Add query
            </Button>
          )}
        </div>
      </div>
    </PageFrame>
  );
}
