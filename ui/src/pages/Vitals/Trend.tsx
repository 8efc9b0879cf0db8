import { useMemo } from "react";
import type { Vital } from "@/api/types";
import { Chart, type ChartMarker, type ChartSeries } from "@/components/Chart";
import { resolveRange } from "@/model/range";
import { lineOf, VITAL_WORDS, type VitalName, vitalText } from "@/model/vitals";
import { useScope } from "@/state/scope";

/** p75 of the chosen vital over time, with the bounds of good and poor where they are in sight. */
export function Trend({
  vitals,
  chosen,
  stepSeconds,
}: {
  vitals: readonly Vital[];
  chosen: VitalName;
  stepSeconds: number;
}) {
  const { range } = useScope();
  const vital = vitals.find((one) => one.name === chosen);
  const shown = useMemo(() => {
    const { startMs, endMs } = resolveRange(range, Date.now());
    const series: ChartSeries[] = vital
      ? [{ name: "p75", points: lineOf(vital, stepSeconds, startMs, endMs), color: "var(--series-0)", area: true }]
      : [];
    const most = Math.max(0, ...(vital?.points ?? []).map((point) => point.p75));
    const bounds: ChartMarker[] = vital
      ? [
          { label: "", atValue: vital.good_to },
          { label: "", atValue: vital.poor_above },
        ].filter((one) => one.atValue <= most)
      : [];
    return { startMs, endMs, series, bounds };
  }, [vital, stepSeconds, range]);
  const bounds = vital
    ? ` (good up to ${vitalText(chosen, vital.good_to)}, poor above ${vitalText(chosen, vital.poor_above)})`
    : "";
  return (
    <Chart
      title={`p75 of ${VITAL_WORDS[chosen].toLowerCase()}${bounds}`}
      series={shown.series}
      markers={shown.bounds}
      format={(value) => vitalText(chosen, value)}
      startMs={shown.startMs}
      endMs={shown.endMs}
    />
  );
}
