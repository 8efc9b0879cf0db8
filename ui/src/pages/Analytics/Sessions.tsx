import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { CloseButton } from "@mantine/core";
import { LIVE_MS, useScopedApi } from "@/api/queries";
import type { SessionDurations as Answer, SessionList } from "@/api/types";
import { Chart } from "@/components/Chart";
import { Figure, Figures } from "@/components/Figure";
import { LongTable } from "@/components/LongTable";
import { Section } from "@/components/PageFrame";
import { Empty, Loaded, LookFurther } from "@/components/State";
import { RelativeTime, useNow } from "@/components/Time";
import { formatCount, formatExact, formatSeconds, formatShare } from "@/lib/format";
import { spanText } from "@/model/analytics";
import { resolveRange } from "@/model/range";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Analytics.module.css";
import { Bar } from "./Bar";
import { QueryField, useEventNames } from "./EventPicker";
import { NoEvents } from "./NoEvents";
import { SessionLink, TraceLinks } from "./People";
import { ANSWERED, type AnalyticsSearch } from "./url";

/** How long sessions are, and how many there are a day. */
export function Sessions() {
  const { query: text = "", behind } = useSearch({ strict: false }) as AnalyticsSearch;
  const change = useSearchChange<AnalyticsSearch>();
  const { range } = useScope();
  const { live } = useLive();
  const query = useScopedApi<Answer>("analytics/sessions", { query: text });
  const names = useEventNames();
  const now = useNow(live ? LIVE_MS : false);
  const { startMs, endMs } = useMemo(() => resolveRange(range, now), [range, now]);
  if (names.data?.events.length === 0 && !text) return <NoEvents />;
  return (
    <>
      <div className={classes.question}>
        <QueryField
          key={text}
          label="Narrow the events of sessions"
          value={text}
          placeholder="events where, as $browser:Chrome"
          onChange={(next) => change({ query: next || undefined, ...ANSWERED })}
        />
      </div>
      <Loaded
        query={query}
        what="the sessions"
        empty={(data) =>
          data.stats_of_all.count === 0 && (
            <Empty title="No sessions in this time range" action={<LookFurther />}>
              No event names its session: posthog-js puts <code>$session_id</code> into every event; a server can do so,
              too.
            </Empty>
          )
        }
      >
        {(data) => (
          <>
            <Figures>
              <Figure label="Sessions">
                <span title={formatExact(data.stats_of_all.count)}>{formatCount(data.stats_of_all.count)}</span>
              </Figure>
              <Figure label="People">{formatCount(data.stats_of_all.persons)}</Figure>
              <Figure label="Median">{formatSeconds(data.stats_of_all.p50_seconds)}</Figure>
              <Figure label="75 % within">{formatSeconds(data.stats_of_all.p75_seconds)}</Figure>
              <Figure label="90 % within">{formatSeconds(data.stats_of_all.p90_seconds)}</Figure>
              <Figure label="Events each">{formatCount(data.stats_of_all.events_per_session)}</Figure>
              <Figure label="Of one event">
                {formatShare(data.stats_of_all.count ? data.stats_of_all.single / data.stats_of_all.count : null)}
              </Figure>
            </Figures>
            <Section title="How long they are" aside="from their first event in the range to their last">
              <Distribution data={data} />
            </Section>
            <Section title="By day">
              <Chart
                title="Active people and sessions by day (UTC)"
                height={180}
                startMs={startMs}
                endMs={endMs}
                format={formatCount}
                series={[
                  { name: "people", points: data.days.map((day) => [Date.parse(day.start), day.persons] as const) },
                  { name: "sessions", points: data.days.map((day) => [Date.parse(day.start), day.sessions] as const) },
                ]}
              />
            </Section>
          </>
        )}
      </Loaded>
      {behind !== undefined && query.data && <Some key={behind} data={query.data} from={Number(behind)} text={text} />}
    </>
  );
}

function Distribution({ data }: { data: Answer }) {
  const { behind } = useSearch({ strict: false }) as AnalyticsSearch;
  const change = useSearchChange<AnalyticsSearch>();
  const most = Math.max(1, ...data.buckets.map((one) => one.count));
  return (
    <ol className={classes.spread} aria-label="Sessions by duration">
      {data.buckets.map((one) => (
        <li key={one.from_seconds}>
          <span className="soft">{spanText(one.from_seconds, one.to_seconds, formatSeconds)}</span>
          <Bar share={one.count / most} />
          <button
            type="button"
            className={classes.figure}
            disabled={one.count === 0}
            aria-pressed={behind === String(one.from_seconds)}
            title={`${formatExact(one.count)} sessions: show them`}
            onClick={() => change({ ...ANSWERED, behind: String(one.from_seconds) })}
          >
            <b>{formatCount(one.count)}</b>{" "}
            <span className="soft">{formatShare(one.count / Math.max(1, data.stats_of_all.count))}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

const COLUMNS = [
  { label: "Began" },
  { label: "Duration", numeric: true },
  { label: "Events", numeric: true, wideOnly: true },
  { label: "Who" },
  { label: "Entry", wideOnly: true },
  { label: "Traces", wideOnly: true },
  { label: "Errors", numeric: true },
];

/** The sessions of one bucket. */
function Some({ data, from, text }: { data: Answer; from: number; text: string }) {
  const change = useSearchChange<AnalyticsSearch>();
  const bucket = data.buckets.find((one) => one.from_seconds === from);
  const query = useScopedApi<SessionList>("analytics/sessions/list", {
    ...{ query: text, from_seconds: from, to_seconds: bucket?.to_seconds },
  });
  return (
    <Section
      title="Sessions behind it"
      aside={
        <span className="row">
          {bucket && spanText(bucket.from_seconds, bucket.to_seconds, formatSeconds)}
          <CloseButton size="sm" aria-label="Close the sessions behind it" onClick={() => change(ANSWERED)} />
        </span>
      }
    >
      <Loaded query={query} what="the sessions">
        {(found) => (
          <LongTable
            label="Sessions"
            what={["session", "sessions"]}
            items={found.sessions}
            columns={COLUMNS}
            more={found.partial && <span>the latest; narrow the question for the others</span>}
            row={(one) => (
              <tr key={one.id}>
                <td>
                  <RelativeTime time={one.start} />
                </td>
                <td className="num">
                  <SessionLink id={one.id} seconds={one.duration_seconds} />
                </td>
                <td className="num wide-only">{formatExact(one.events)}</td>
                <td className={classes.who}>
                  <button
                    type="button"
                    className="row-open truncate"
                    title={one.person}
                    onClick={() => change({ person: one.person })}
                  >
                    {one.person}
                  </button>
                </td>
                <td className="wide-only">{one.entry}</td>
                <td className="wide-only">
                  <TraceLinks ids={one.trace_ids} />
                </td>
                <td className="num">
                  <span className={one.errors > 0 ? "bad" : "soft"}>{formatExact(one.errors)}</span>
                </td>
              </tr>
            )}
          />
        )}
      </Loaded>
    </Section>
  );
}
