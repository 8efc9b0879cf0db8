import { useMemo, useState } from "react";
import { type MatrixSeries, type QueryData, usePrometheus } from "@/api/prometheus";
import { LIVE_MS } from "@/api/queries";
import { useNow } from "@/components/Time";
import { intervalMs } from "@/model/board/intervals";
import { resolveRange } from "@/model/range";
import { selectorOf } from "@/model/series";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";

const STEP_MS_MIN = 15_000;

/** A PromQL query over the page's range, `query` told the step's seconds; the end moves on while the page is live. */
export function useOverRange(query: (stepSeconds: number) => string, points: number) {
  const { range } = useScope();
  const { live } = useLive();
  const moving = useNow(live ? LIVE_MS : false);
  const [opened] = useState(Date.now);
  const { startMs, endMs } = resolveRange(range, live ? moving : opened);
  const step = intervalMs(endMs - startMs, points, STEP_MS_MIN) / 1000;
  const start = Math.floor(startMs / 1000 / step) * step;
  const end = Math.floor(endMs / 1000 / step) * step;
  const found = usePrometheus<QueryData>("query_range", { query: query(step), start, end, step });
  const series: readonly MatrixSeries[] = found.data?.data.resultType === "matrix" ? found.data.data.result : NONE;
  return { found, series, step, startMs: start * 1000, endMs: end * 1000 };
}

const NONE: readonly MatrixSeries[] = [];
/** Seconds back that a point looks at the least: a probe may be asked as seldom as every five minutes. */
const LOOK_BACK_MIN = 300;

/** How long the attempts at each probe took over the page's range, for lines in a list. */
export function useLatencies(): ReadonlyMap<string, readonly number[]> {
  const { series } = useOverRange(
    (step) => `avg by (probe) (avg_over_time(probe_duration_seconds{job="probes"}[${Math.max(step, LOOK_BACK_MIN)}s]))`,
    40,
  );
  return useMemo(
    () =>
      new Map(series.map(({ metric, values = [] }) => [metric.probe ?? "", values.map(([, text]) => Number(text))])),
    [series],
  );
}

export function durationsOf(probe: string): string {
  return selectorOf({ __name__: "probe_duration_seconds", job: "probes", probe });
}
