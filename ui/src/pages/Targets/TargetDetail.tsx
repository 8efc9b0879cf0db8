import { Anchor } from "@mantine/core";
import type { DroppedTarget, ScrapeTarget } from "@/api/types";
import { CopyId } from "@/components/CopyId";
import fields from "@/components/Fields.module.css";
import { Go } from "@/components/Go";
import { HealthMark } from "@/components/HealthMark";
import { LabelTable } from "@/components/LabelTable";
import { Notice } from "@/components/State";
import { AbsoluteTime, RelativeTime } from "@/components/Time";
import { formatExact, formatSeconds } from "@/lib/format";
import { type OpenRow, upOf } from "@/model/targets";
import { MARK } from "./TargetTable";
import classes from "./Targets.module.css";

/** Everything about one target: how its last scrape went, and what it is called before and after relabelling. */
export function TargetDetail({ row }: { row: OpenRow }) {
  return row.kind === "target" ? <Scraped target={row.target} /> : <Dropped dropped={row.dropped} />;
}

/** What the drawer is called. */
export function nameOf(row: OpenRow): string {
  if (row.kind === "target") return row.target.labels.instance ?? row.target.url;
  return row.dropped.discovered_labels.__address__ ?? "(no address)";
}

function Scraped({ target }: { target: ScrapeTarget }) {
  const { health, error, last_scrape: last } = target;
  return (
    <div className={classes.detail}>
      <HealthMark health={MARK[health]} word={health} />
      {error && <Notice tone={health === "down" ? "bad" : "warning"}>{error}</Notice>}
      <p>
        <Anchor component={Go} to="/explore" search={{ expr: [upOf(target.labels)] }}>
          up of this target in Metrics
        </Anchor>
      </p>
      <table className={fields.fields}>
        <tbody>
          <tr>
            <th scope="row">Page</th>
            <td>
              <CopyId id={target.url} whole label="address" />
            </td>
          </tr>
          <tr>
            <th scope="row">Last scrape</th>
            <td>
              {last && <AbsoluteTime time={last} />} <RelativeTime time={last} fresh />
            </td>
          </tr>
          {last && (
            <tr>
              <th scope="row">It took</th>
              <td>{formatSeconds(target.last_scrape_seconds)}</td>
            </tr>
          )}
          {last && (
            <tr>
              <th scope="row">Samples</th>
              <td>{formatExact(target.samples)}, after relabelling of metrics</td>
            </tr>
          )}
          <tr>
            <th scope="row">Every</th>
            <td>
              {formatSeconds(target.interval_seconds)}, given up after {formatSeconds(target.timeout_seconds)}
            </td>
          </tr>
        </tbody>
      </table>
      <LabelTable title="Labels of its series" labels={target.labels} />
      <LabelTable title="Before relabelling" labels={target.discovered_labels} />
    </div>
  );
}

function Dropped({ dropped }: { dropped: DroppedTarget }) {
  return (
    <div className={classes.detail}>
      <HealthMark health="idle" word="dropped" />
      <Notice>It is not scraped: {dropped.reason}</Notice>
      <LabelTable title="As it was discovered" labels={dropped.discovered_labels} />
    </div>
  );
}
