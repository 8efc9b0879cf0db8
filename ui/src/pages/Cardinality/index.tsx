import { useSearch } from "@tanstack/react-router";
import { useApi } from "@/api/queries";
import type { LimitHits, MetricCardinality } from "@/api/types";
import { Go } from "@/components/Go";
import { PageFrame } from "@/components/PageFrame";
import { Empty, HowToSend, Loaded, Notice } from "@/components/State";
import { formatExact, plural } from "@/lib/format";
import { MetricsViews } from "@/pages/Metrics/MetricsViews";
import { useScope } from "@/state/scope";
import { Before } from "./Before";
import { ChosenMetric } from "./ChosenMetric";
import { KeyCounts, LabelCounts, MetricCounts } from "./counts";
import classes from "./Cardinality.module.css";
import type { CardinalitySearch } from "./url";

const LISTED = 500;
const OF_SERIES = "too_many_series";

/** Which metrics, labels and keys make the most series of a day, and of the chosen metric which label does. */
export function Cardinality() {
  const { metric } = useSearch({ strict: false }) as CardinalitySearch;
  const { params } = useScope();
  const day = { end: params.end, env: params.env };
  const all = useApi<MetricCardinality>("metrics/cardinality", { ...day, limit: LISTED });
  return (
    <PageFrame title="Cardinality" heading="Metrics">
      <MetricsViews />
      <LimitsHit />
      {metric !== undefined && <ChosenMetric key={metric} metric={metric} day={day} />}
      <Loaded
        query={all}
        what="the number of series"
        empty={(data) => data.series === 0 && <NoSeries day={data.day} />}
      >
        {(data) => (
          <>
            <p>
              <b>{formatExact(data.series)}</b> series of {plural(data.metrics_total, "metric")} on {data.day} (UTC)
              <Before data={data} />. A label with a value per user, request or address makes a series for each: leave
              it to logs and traces.
            </p>
            {data.looked_at_every > 1 && (
              <Notice>
                There are too many series to look at the labels of each: values are counted in one of{" "}
                {formatExact(data.looked_at_every)}, evenly chosen. Choose a metric to have its own counted.
              </Notice>
            )}
            {params.env.length > 0 && data.series_per_metric_max > 0 && (
              <p className="small soft">
                Limits count the series of all environments; here are those of the chosen ones.
              </p>
            )}
            <div className={classes.columns}>
              <MetricCounts data={data} chosen={metric} />
              <div>
                <LabelCounts data={data} />
                <KeyCounts data={data} />
              </div>
            </div>
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}

function NoSeries({ day }: { day: string }) {
  return (
    <Empty title="No series on this day" action={<HowToSend />}>
      No metric has a sample on {day} (UTC), the day on which the time range ends. Choose another range or other
      environments.
    </Empty>
  );
}

/** What was refused in the last day since a metric, or a key, has reached its limit. */
function LimitsHit() {
  const hits = useApi<LimitHits>("system/limits").data?.hits.filter((hit) => hit.reason.startsWith(OF_SERIES));
  return hits?.map((hit) => (
    <Notice key={`${hit.key} ${hit.reason}`} tone="warning">
      <b>{hit.key}</b>: {formatExact(hit.count)} samples of new series were refused in the last day. {hit.explanation}{" "}
      <Go to="/settings" search={{ tab: "limits" }} className={classes.within}>
        Limits hit
      </Go>
    </Notice>
  ));
}
