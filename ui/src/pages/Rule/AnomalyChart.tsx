import { useMemo } from "react";
import { useSearch } from "@tanstack/react-router";
import { LIVE_MS, useScopedApi } from "@/api/queries";
import type { AnomalyBand, AnomalySeries, RuleTransition } from "@/api/types";
import { Chart } from "@/components/Chart";
import { HealthMark } from "@/components/HealthMark";
import { LongTable } from "@/components/LongTable";
import { Loaded, Notice } from "@/components/State";
import { AbsoluteTime, useNow } from "@/components/Time";
import { apartColors } from "@/lib/colors";
import { capitalized, formatSeconds, threeDigits } from "@/lib/format";
import { useListKeys } from "@/lib/useListKeys";
import {
  anomalyBand,
  anomalyLines,
  bandBeginsMs,
  chosenSeries,
  keyOf,
  lastOf,
  STANDING_HEALTH,
  standingOf,
} from "@/model/anomaly";
import { resolveRange } from "@/model/range";
import { extentOf, firingBands, spansOf } from "@/model/rules";
import { legendNames } from "@/model/series";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Rule.module.css";
import type { RuleSearch } from "./url";

const HEIGHT = 240;

/** What an anomaly rule looks at, before the band in which it is usual. */
export function AnomalyChart({ ruleId, transitions }: { ruleId: string; transitions: readonly RuleTransition[] }) {
  const query = useScopedApi<AnomalyBand>(`anomalies/${ruleId}`);
  return (
    <Loaded query={query} what="its band">
      {(data) =>
        data.series.length === 0 ? (
          <Notice>
            Nothing matches <code>{data.query}</code> in this time range, so there is nothing to expect of it: choose a
            longer range, or see in Metrics whether it is sent at all.
          </Notice>
        ) : (
          <Found data={data} transitions={transitions} />
        )
      }
    </Loaded>
  );
}

function Found({ data, transitions }: { data: AnomalyBand; transitions: readonly RuleTransition[] }) {
  const { series: asked } = useSearch({ strict: false }) as RuleSearch;
  const names = useMemo(() => legendNames(data.series.map((one) => ({ metric: one.labels }))), [data]);
  const chosen = chosenSeries(data.series, asked);
  if (!chosen) return null;
  const at = data.series.indexOf(chosen);
  const shared = { data, names, at };
  return (
    <>
      <BandState data={data} series={chosen} />
      <Drawn {...shared} series={chosen} transitions={transitions} />
      {data.series.length > 1 && <SeriesList {...shared} />}
    </>
  );
}

function Drawn(props: {
  data: AnomalyBand;
  names: readonly string[];
  at: number;
  series: AnomalySeries;
  transitions: readonly RuleTransition[];
}) {
  const { data, names, at, series, transitions } = props;
  const { range } = useScope();
  const { live } = useLive();
  const now = useNow(live ? LIVE_MS : false);
  const { startMs, endMs } = useMemo(() => resolveRange(range, now), [range, now]);
  const name = names[at] ?? "";
  const color = useMemo(() => apartColors(names)(name), [names, name]);
  const lines = useMemo(() => anomalyLines(series, name, color), [series, name, color]);
  const band = useMemo(() => anomalyBand(series, color), [series, color]);
  const spans = useMemo(
    () => spansOf(firingBands(transitions.filter(isOf(series)), startMs, endMs)),
    [transitions, series, startMs, endMs],
  );
  const values = [...lines.map((line) => line.points), band.lower, band.upper]
    .flat()
    .flatMap(([, value]) => value ?? []);
  return (
    <Chart
      title={`${data.query}, and what is usual of it`}
      series={lines}
      band={band}
      spans={spans}
      startMs={startMs}
      endMs={endMs}
      format={threeDigits}
      fromZero={extentOf(values, null)[0] === 0}
      height={HEIGHT}
      legend
    />
  );
}

/** Whether a change is one of an alert of this series: rules may add labels, and take none away. */
function isOf(series: AnomalySeries): (one: RuleTransition) => boolean {
  const labels = Object.entries(series.labels).filter(([name]) => name !== "__name__");
  return (one) => labels.every(([name, value]) => one.labels[name] === value);
}

/** What keeps the band from being there: too little history, or something that has to be mended. */
function BandState({ data, series }: { data: AnomalyBand; series: AnomalySeries }) {
  const { learning } = series;
  const now = useNow();
  const begins = bandBeginsMs(series);
  if (learning) {
    const left = Math.max(60, (Date.parse(learning.ready_at) - now) / 1000);
    return (
      <Notice>
        Its band is still being learned: there are samples since <AbsoluteTime time={learning.since} />, of{" "}
        {learning.hours} of the {learning.hours_needed} hours that it takes. About {formatSeconds(left)} more, if
        samples go on coming; until then it cannot fire.
      </Notice>
    );
  }
  if (data.message) return <Notice tone="warning">{capitalized(data.message)}.</Notice>;
  if (standingOf(series) === "no band")
    return (
      <Notice>
        {data.learned_at === null
          ? "Its band is being learned from stored history, which takes a minute or less."
          : "No band was recorded of it lately: it is learned anew once an hour."}
      </Notice>
    );
  if (begins === null) return null;
  return (
    <p className="small soft">
      Its band is recorded since <AbsoluteTime time={new Date(begins).toISOString()} />, when the rule came into force
      or the series had been there for long enough: before that there is none.
    </p>
  );
}

function SeriesList({ data, names, at }: { data: AnomalyBand; names: readonly string[]; at: number }) {
  const change = useSearchChange<RuleSearch>();
  const choose = (index: number) => {
    const one = data.series[index];
    if (one) change({ series: keyOf(one) }, true);
  };
  useListKeys({ count: data.series.length, current: at, onMove: choose, onOpen: choose });
  const more = data.series_total - data.series.length;
  return (
    <LongTable
      label="Its series"
      what={["series", "series"]}
      items={data.series}
      current={at}
      columns={[
        { label: "Series" },
        { label: "Now" },
        { label: "Observed", numeric: true },
        { label: "Expected", numeric: true, wideOnly: true },
        { label: "Usual range", numeric: true },
      ]}
      more={more > 0 && `${more} more are not drawn: narrow the range, or ask PromQL for midwatch_anomaly_upper`}
      row={(one, index) => (
        <SeriesRow
          key={keyOf(one)}
          series={one}
          name={names[index] ?? ""}
          current={index === at}
          onChoose={() => choose(index)}
        />
      )}
    />
  );
}

function SeriesRow(props: { series: AnomalySeries; name: string; current: boolean; onChoose: () => void }) {
  const { series, name, current, onChoose } = props;
  const standing = standingOf(series);
  const last = lastOf(series);
  const write = (value: number | null | undefined) =>
    value === null || value === undefined ? "–" : threeDigits(value);
  return (
    <tr data-current={current} onClick={onChoose} style={{ cursor: "pointer" }}>
      <td className="mono" style={{ overflowWrap: "anywhere" }}>
        <button type="button" className={classes.choose} aria-pressed={current}>
          {name}
        </button>
      </td>
      <td>
        <HealthMark health={STANDING_HEALTH[standing]} word={standing} />
      </td>
      <td className="num">{write(last?.observed)}</td>
      <td className="num wide-only">{write(last?.expected)}</td>
      <td className="num">{last && last.upper !== null ? `${write(last.lower)} – ${write(last.upper)}` : "–"}</td>
    </tr>
  );
}
