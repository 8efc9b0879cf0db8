import { Select } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useScopedApi } from "@/api/queries";
import type { RetentionReport as Answer } from "@/api/types";
import { Section } from "@/components/PageFrame";
import { Empty, Loaded, LookFurther } from "@/components/State";
import { formatCount, formatDay, formatExact, formatShare } from "@/lib/format";
import { cohortShare, readRef } from "@/model/analytics";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Analytics.module.css";
import { EventPicker, useEventNames } from "./EventPicker";
import { UnitPicker } from "./Funnels";
import { NoEvents } from "./NoEvents";
import { ANSWERED, type AnalyticsSearch } from "./url";

const INTERVALS = ["day", "week", "month"] as const;
const PERIODS = 12;

/** Of those who did something for the first time, how many came back, period after period. */
export function Retention() {
  const { event = "", again = "", unit = "person", interval } = useSearch({ strict: false }) as AnalyticsSearch;
  const change = useSearchChange<AnalyticsSearch>();
  const every = interval === undefined || interval === "hour" ? "week" : interval;
  const first = readRef(event);
  const later = readRef(again);
  const query = useScopedApi<Answer>("analytics/retention", {
    ...{ event: first.event, query: first.query, source: first.source },
    ...{ again: later.event, again_query: later.query, again_source: later.source },
    ...{ unit, interval: every, periods: PERIODS },
  });
  const names = useEventNames();
  if (names.data && names.data.events.length + names.data.logs.length === 0 && !event) return <NoEvents />;
  return (
    <>
      <div className={classes.question}>
        <EventPicker
          label="what they did first"
          any="First: any event"
          value={event}
          onChange={(next) => change({ event: next || undefined, ...ANSWERED })}
        />
        <EventPicker
          label="what they came back for"
          any="Then: any event"
          value={again}
          onChange={(next) => change({ again: next || undefined })}
        />
        <Select
          label="Every"
          allowDeselect={false}
          data={INTERVALS.map((one) => ({ value: one, label: one }))}
          value={every}
          onChange={(next) => change({ interval: next as (typeof INTERVALS)[number] })}
        />
        <UnitPicker unit={unit} onChange={(next) => change({ unit: next, ...ANSWERED })} />
      </div>
      <Loaded
        query={query}
        what="the retention"
        empty={(data) =>
          data.cohorts.every((one) => one.size === 0) && (
            <Empty title="Nobody began in this time range" action={<LookFurther />}>
              A cohort is everybody who did the first thing for the first time ever in a {every}.
            </Empty>
          )
        }
      >
        {(data) => <Table data={data} />}
      </Loaded>
    </>
  );
}

function Table({ data }: { data: Answer }) {
  const periods = data.average.map((_, period) => period);
  return (
    <Section title="Came back" aside={`by ${data.interval} after the first; UTC, weeks from Monday`}>
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Retention by cohort">
        <table className={`dense ${classes.retention}`}>
          <thead>
            <tr>
              <th>Began</th>
              <th className="num">Size</th>
              {periods.map((period) => (
                <th key={period} className="num">
                  {period === 0 ? "same" : `+${period}`}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr className={classes.average}>
              <td>All</td>
              <td className="num">{formatCount(data.cohorts.reduce((sum, one) => sum + one.size, 0))}</td>
              {periods.map((period) => (
                <Cell key={period} share={data.average[period] ?? null} count={null} />
              ))}
            </tr>
            {data.cohorts
              .filter((one) => one.size > 0)
              .map((cohort) => (
                <tr key={cohort.start}>
                  <td>{formatDay(cohort.start, "utc")}</td>
                  <td className="num">{formatCount(cohort.size)}</td>
                  {periods.map((period) => (
                    <Cell key={period} share={cohortShare(cohort, period)} count={cohort.returned[period] ?? null} />
                  ))}
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

/** The share in figures over a fill as strong as the share is. */
function Cell({ share, count }: { share: number | null; count: number | null }) {
  if (share === null) return <td />;
  return (
    <td className="num" title={count === null ? undefined : `${formatExact(count)} came back`}>
      <span className={classes.heat} style={{ "--share": share } as React.CSSProperties}>
        {formatShare(share)}
      </span>
    </td>
  );
}
