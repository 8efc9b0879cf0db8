import { useMemo } from "react";
import type { ServiceDetail } from "@/api/types";
import { formatMillis, threeDigits } from "@/lib/format";
import { resolveRange } from "@/model/range";
import { pointsOf, type RedField, redSql, wholeUntil } from "@/model/red";
import { useScope } from "@/state/scope";
import { Chart, type ChartSeries } from "../Chart";
import { useDeployMarkers } from "../useDeployMarkers";
import classes from "./RedCharts.module.css";

type Points = [number, number | null][];

const perSecond = (value: number) => `${threeDigits(value)}/s`;
const perMinute = (value: number) => `${threeDigits(value)}/min`;

/** Rate, errors and durations side by side, the period before as thin dashed lines. */
export function RedCharts({ detail }: { detail: ServiceDetail }) {
  const { range } = useScope();
  const shown = useMemo(() => seriesOf(detail, range), [detail, range]);
  const { startMs, endMs } = shown;
  const markers = useDeployMarkers(startMs, endMs, detail.name);
  const rateFormat = shown.slow ? perMinute : perSecond;
  const sql = (figure: string) => redSql(detail.name, figure, detail.step_seconds, startMs, endMs);
  return (
    <div className={classes.charts}>
      <Chart
        title="Requests"
        sql={sql("round(sum(Count) / STEP, 3) AS per_second")}
        series={shown.rate}
        format={rateFormat}
        startMs={startMs}
        endMs={endMs}
        markers={markers}
      />
      <Chart
        title="Errors"
        sql={sql("round(sum(Errors) / STEP, 3) AS per_second")}
        series={shown.errors}
        format={rateFormat}
        startMs={startMs}
        endMs={endMs}
        markers={markers}
      />
      <Chart
        title="Duration"
        sql={sql("quantilesTDigestWeightedMerge(0.5, 0.95, 0.99)(Durations) AS p50_p95_p99_ms")}
        series={shown.durations}
        format={formatMillis}
        startMs={startMs}
        endMs={endMs}
        markers={markers}
      />
    </div>
  );
}

function seriesOf(detail: ServiceDetail, range: { start: string; end: string }) {
  const { points, previous_points: before, step_seconds: step } = detail;
  const { startMs, endMs } = resolveRange(range, Date.now());
  const now = (field: RedField) =>
    pointsOf(points, field, step * 1000, startMs, wholeUntil(points, step * 1000, endMs));
  const then = (field: RedField) => pointsOf(before, field, step * 1000, startMs, endMs);
  // One unit for both charts: below one a second people think in minutes.
  const slow = Math.max(0, ...points.map((point) => point.rate), ...before.map((point) => point.rate)) < 1;
  const scaled = (list: Points): Points => (slow ? list.map(([ms, value]) => [ms, value && value * 60]) : list);
  const pale = { color: "var(--series-7)", dashed: true };
  const rate: ChartSeries[] = [
    { name: "requests", points: scaled(now("rate")), color: "var(--series-0)", area: true },
    { name: "period before", points: scaled(then("rate")), ...pale },
  ];
  const errors: ChartSeries[] = [
    { name: "errors", points: scaled(now("error_rate")), area: true },
    { name: "period before", points: scaled(then("error_rate")), ...pale },
  ];
  const durations: ChartSeries[] = [
    { name: "p50", points: now("p50_ms"), color: "var(--series-4)" },
    { name: "p95", points: now("p95_ms"), color: "var(--series-0)" },
    { name: "p99", points: now("p99_ms"), color: "var(--series-5)" },
    { name: "p95 before", points: then("p95_ms"), ...pale },
  ];
  return { startMs, endMs, slow, rate, errors, durations };
}
