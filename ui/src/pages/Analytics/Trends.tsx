import { SegmentedControl, Select } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { LIVE_MS, useScopedApi } from "@/api/queries";
import type { PersonList, Trends as Answer } from "@/api/types";
import { Chart } from "@/components/Chart";
import { Empty, Loaded, LookFurther } from "@/components/State";
import { useNow } from "@/components/Time";
import { formatCount, formatExact } from "@/lib/format";
import { readRef, unitText, valueText } from "@/model/analytics";
import { resolveRange } from "@/model/range";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Analytics.module.css";
import { EventPicker, useEventNames } from "./EventPicker";
import { UnitPicker } from "./Funnels";
import { NoEvents } from "./NoEvents";
import { Behind } from "./People";
import { PropertyPicker } from "./PropertyPicker";
import { ANSWERED, type AnalyticsSearch, INTERVALS } from "./url";

/** How often something was done, or by how many, over time. */
export function Trends() {
  const search = useSearch({ strict: false }) as AnalyticsSearch;
  const { event = "", measure = "events", unit = "person", by = "", interval = "day", behind } = search;
  const change = useSearchChange<AnalyticsSearch>();
  const { range } = useScope();
  const { live } = useLive();
  const ref = readRef(event);
  const asked = { event: ref.event, query: ref.query, source: ref.source };
  const query = useScopedApi<Answer>("analytics/trends", { ...asked, measure, unit, breakdown: by, interval });
  const names = useEventNames();
  const now = useNow(live ? LIVE_MS : false);
  const { startMs, endMs } = useMemo(() => resolveRange(range, now), [range, now]);
  if (names.data && names.data.events.length + names.data.logs.length === 0 && !event) return <NoEvents />;
  return (
    <>
      <div className={classes.question}>
        <EventPicker
          label="event"
          any="Every event"
          value={event}
          onChange={(next) => change({ event: next || undefined, ...ANSWERED })}
        />
        <SegmentedControl
          aria-label="What is counted"
          value={measure}
          onChange={(next) => change({ measure: next === "units" ? "units" : undefined })}
          data={[
            { value: "events", label: "Events" },
            { value: "units", label: "Unique" },
          ]}
        />
        <Select
          label="Every"
          allowDeselect={false}
          data={INTERVALS.map((one) => ({ value: one, label: one }))}
          value={interval}
          onChange={(next) => change({ interval: next as (typeof INTERVALS)[number] })}
        />
        <UnitPicker unit={unit} onChange={(next) => change({ unit: next, ...ANSWERED })} />
        <PropertyPicker
          label="Broken down by"
          of={ref}
          value={by}
          onChange={(next) => change({ by: next || undefined, ...ANSWERED })}
        />
      </div>
      <Loaded
        query={query}
        what="the trend"
        empty={(data) =>
          data.total === 0 && (
            <Empty title="It did not happen in this time range" action={<LookFurther />}>
              Choose a longer range, other environments, or another event.
            </Empty>
          )
        }
      >
        {(data) => (
          <>
            <p className={classes.total}>
              <button type="button" className={classes.figure} onClick={() => change({ ...ANSWERED, behind: "all" })}>
                <b title={formatExact(data.total)}>{formatCount(data.total)}</b>{" "}
                {measure === "events" ? "events" : unitText(unit, data.total)}
              </button>{" "}
              <span className="soft">in this time range</span>
            </p>
            <Chart
              title={`${ref.event || "Every event"}: ${measure === "events" ? "events" : unitText(unit, 2)} by ${interval}`}
              kind={by || measure === "units" ? "line" : "bars"}
              legend={by !== ""}
              height={260}
              startMs={startMs}
              endMs={endMs}
              format={formatCount}
              series={data.series.map((one) => ({
                name: by ? valueText(one.value, one.rest) : measure === "events" ? "events" : unitText(unit, 2),
                points: data.buckets.map((at, place) => [Date.parse(at), one.counts[place] ?? 0] as const),
              }))}
            />
            {by && (
              <ul className={classes.values} aria-label="Values">
                {data.series
                  .filter((one) => !one.rest)
                  .map((one) => (
                    <li key={one.value}>
                      <button
                        type="button"
                        className={classes.figure}
                        onClick={() => change({ ...ANSWERED, behind: "value", value: one.value })}
                      >
                        {valueText(one.value, false)} <b>{formatCount(one.total)}</b>
                      </button>
                    </li>
                  ))}
              </ul>
            )}
          </>
        )}
      </Loaded>
      {behind && <TrendBehind {...asked} unit={unit} breakdown={by} value={behind === "value" ? search.value : null} />}
    </>
  );
}

function TrendBehind({
  value,
  ...asked
}: {
  event: string;
  query: string;
  source: string;
  unit: string;
  breakdown: string;
  value: string | null | undefined;
}) {
  const query = useScopedApi<PersonList>("analytics/people", { ...asked, value: value ?? undefined });
  return <Behind query={query} title={asked.event || "every event"} />;
}
