import type { ServiceDetail } from "@/api/types";
import { formatMillis, formatRate } from "@/lib/format";
import { pointsOf } from "@/model/red";
import { useMemo } from "react";
import { Chart, type ChartSeries } from "../Chart";
import classes from "./RedCharts.module.css";

/** Rate, errors and durations side by side, the period before as thin dashed lines. */
export function RedCharts({ detail }: { detail: ServiceDetail }) {
  const { points, previous_points: before } = detail;
  const startMs = Date.parse(points[0]?.time ?? "");
  const endMs = Date.parse(points.at(-1)?.time ?? "") + detail.step_seconds * 1000;
  const { rate, errors, durations } = useMemo(() => {
    const rate: ChartSeries[] = [
      { name: "requests", points: pointsOf(points, "rate"), color: "var(--series-0)", area: true },
      { name: "period before", points: pointsOf(before, "rate"), color: "var(--series-7)", dashed: true },
    ];
    const errors: ChartSeries[] = [
      { name: "errors", points: pointsOf(points, "error_rate"), area: true },
      { name: "period before", points: pointsOf(before, "error_rate"), color: "var(--series-7)", dashed: true },
    ];
    const durations: ChartSeries[] = [
      { name: "p50", points: pointsOf(points, "p50_ms"), color: "var(--series-4)" },
      { name: "p95", points: pointsOf(points, "p95_ms"), color: "var(--series-0)" },
      { name: "p99", points: pointsOf(points, "p99_ms"), color: "var(--series-5)" },
      { name: "p95 before", points: pointsOf(before, "p95_ms"), color: "var(--series-7)", dashed: true },
    ];
    return { rate, errors, durations };
  }, [points, before]);
  if (points.length === 0) return null;
  const shared = { startMs, endMs };
  return (
    <div className={classes.charts}>
      <Chart title="Requests" series={rate} format={formatRate} {...shared} />
      <Chart title="Errors" series={errors} format={formatRate} {...shared} />
      <Chart title="Duration" series={durations} format={formatMillis} {...shared} />
    </div>
  );
}
