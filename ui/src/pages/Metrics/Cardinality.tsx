import { type NamedCount, type TsdbStatus, usePrometheus } from "@/api/prometheus";
import { Section } from "@/components/PageFrame";
import { Loaded } from "@/components/State";
import { formatCount, formatExact, formatShare } from "@/lib/format";
import classes from "./Metrics.module.css";

/** Which metrics and labels make the most series: where to look when there are too many. */
export function Cardinality({ onMetric }: { onMetric: (name: string) => void }) {
  const status = usePrometheus<TsdbStatus>("status/tsdb", { limit: 30 });
  return (
    <Loaded query={status} what="the number of series">
      {({ data }) => {
        const total = data.headStats.numSeries;
        return (
          <>
            <p>
              <b title={formatExact(total)}>{formatCount(total)}</b> series. A label with a value per user, request or
              address makes a series for each: leave it to logs and traces.
            </p>
            <div className={classes.counts}>
              <Counts title="Series by metric" rows={data.seriesCountByMetricName} total={total} onPick={onMetric} />
              <Counts title="Series by label and value" rows={data.seriesCountByLabelValuePair} total={total} />
              <Counts title="Values by label" rows={data.labelValueCountByLabelName} />
            </div>
          </>
        );
      }}
    </Loaded>
  );
}

function Counts(props: {
  title: string;
  rows: readonly NamedCount[];
  total?: number;
  onPick?: (name: string) => void;
}) {
  const { onPick, total } = props;
  const most = Math.max(1, ...props.rows.map((row) => row.value));
  return (
    <Section title={props.title}>
      <table className="dense">
        <tbody>
          {props.rows.map((row) => (
            <tr key={row.name}>
              <td className={classes.counted} title={row.name}>
                <i style={{ width: `${(row.value / most) * 100}%` }} aria-hidden />
                {onPick ? (
                  <button type="button" onClick={() => onPick(row.name)}>
                    {row.name}
                  </button>
                ) : (
                  <span>{row.name}</span>
                )}
              </td>
              <td className="num" title={formatExact(row.value)}>
                {formatCount(row.value)}
              </td>
              {total !== undefined && <td className="num soft">{total > 0 ? formatShare(row.value / total) : ""}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
