import { useEffect, useRef } from "react";
import { useApi } from "@/api/queries";
import type { MetricCardinality, SeriesLabel } from "@/api/types";
import { Go } from "@/components/Go";
import { LongTable } from "@/components/LongTable";
import { Middle } from "@/components/Middle";
import { Section } from "@/components/PageFrame";
import { Empty, Loaded, Notice } from "@/components/State";
import { formatExact, formatShare } from "@/lib/format";
import { chartQuery, selectorOf, valuesQuery, worstFirst } from "@/model/offenders";
import { Before } from "./Before";
import classes from "./Cardinality.module.css";
import { Count, KeyCounts } from "./counts";

const LISTED = 100;
/** Below this share of its series, no single label is to blame. */
const BLAMED = 0.1;

/** One metric: which of its labels makes its series, and whose key brings them. */
export function ChosenMetric({ metric, day }: { metric: string; day: { end: string; env: readonly string[] } }) {
  const query = useApi<MetricCardinality>("metrics/cardinality", { ...day, metric, limit: LISTED });
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // It stands above the list that it was chosen from.
    heading.current?.focus();
  }, []);
  return (
    <section className={classes.chosen} aria-label={`Series of ${metric}`}>
      <div className="spread">
        <h2 ref={heading} tabIndex={-1} className={classes.heading}>
          {metric}
        </h2>
        <span className="row small">
          <Go to="/explore" search={{ expr: [chartQuery(metric, query.data?.series ?? 0)] }}>
            Chart
          </Go>
          <Go to="/explore" search={{ expr: [`count(${selectorOf(metric)})`] }}>
            Series over time
          </Go>
          <Go to="/explore/cardinality" search={{ metric: undefined }}>
            Close
          </Go>
        </span>
      </div>
      <Loaded
        query={query}
        what={`the series of ${metric}`}
        empty={(data) =>
          data.series === 0 && (
            <Empty title="No series on this day">
              {metric} has no sample on {data.day} (UTC), the day on which the time range ends
              {data.series_before > 0 && `; it had ${formatExact(data.series_before)} series the day before`}. A metric
              of OpenTelemetry is stored with its unit and type in its name.
            </Empty>
          )
        }
      >
        {(data) => (
          <>
            <p>
              <b>{formatExact(data.series)}</b> series on {data.day} (UTC)
              <Before data={data} />. <Verdict data={data} />
            </p>
            {data.looked_at_every > 1 && (
              <Notice>
                There are too many series to look at the labels of each: values are counted in one of{" "}
                {formatExact(data.looked_at_every)}, evenly chosen, and no label is taken out.
              </Notice>
            )}
            <div className={classes.columns}>
              <Section title="Its labels">
                <Labels metric={metric} data={data} />
              </Section>
              <KeyCounts data={data} of={metric} />
            </div>
          </>
        )}
      </Loaded>
    </section>
  );
}

function Verdict({ data }: { data: MetricCardinality }) {
  const [worst] = worstFirst(data.labels);
  if (worst === undefined || worst.series_without === null) return null;
  const saved = 1 - worst.series_without / data.series;
  if (saved < BLAMED) return <>No single label makes them: without any one of them there are nearly as many.</>;
  return (
    <>
      The label <b>{worst.name}</b> makes the most: without it there would be <b>{formatExact(worst.series_without)}</b>{" "}
      ({formatShare(saved)} less).
    </>
  );
}

function Labels({ metric, data }: { metric: string; data: MetricCardinality }) {
  return (
    <LongTable
      label={`Labels of ${metric}`}
      what={["label", "labels"]}
      items={worstFirst(data.labels)}
      columns={[
        { label: "Label" },
        { label: "Values", numeric: true },
        { label: "Series that have it", numeric: true, wideOnly: true },
        { label: "Series without it", numeric: true },
      ]}
      text={(one) => one.name}
      row={(one) => (
        <tr key={one.name}>
          <td className={classes.name}>
            <Go
              to="/explore"
              search={{ expr: [valuesQuery(metric, one.name)], view: "table" }}
              title="Its values with the most series"
            >
              <Middle text={one.name} />
            </Go>
          </td>
          <Count value={one.values} />
          <td className="num wide-only" title={formatExact(one.series)}>
            {formatExact(one.series)}
          </td>
          <Without label={one} series={data.series} />
        </tr>
      )}
      more={
        data.labels_total > data.labels.length && `The widest of ${formatExact(data.labels_total)} labels are shown.`
      }
    />
  );
}

function Without({ label, series }: { label: SeriesLabel; series: number }) {
  const left = label.series_without;
  if (left === null)
    return (
      <td className="num soft" title="Not counted">
        –
      </td>
    );
  return (
    <td className="num" title={`${formatShare(1 - left / series)} less`}>
      <span className={classes.left}>
        <i aria-hidden style={{ width: `${(left / series) * 100}%` }} />
      </span>
      {formatExact(left)}
    </td>
  );
}
