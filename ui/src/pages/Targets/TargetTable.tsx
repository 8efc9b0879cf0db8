import type { DroppedTarget, ScrapeJob, ScrapeTarget } from "@/api/types";
import { HealthMark } from "@/components/HealthMark";
import { Middle } from "@/components/Middle";
import { RowWindow } from "@/components/RowWindow";
import { RelativeTime } from "@/components/Time";
import { formatCount, formatExact, formatSeconds, NOT_MEASURED } from "@/lib/format";
import type { Health } from "@/model/red";
import { ownLabels, type Shown, type TargetRow, written } from "@/model/targets";
import classes from "./Targets.module.css";

const COLUMNS = 6;
export const MARK: Record<ScrapeTarget["health"], Health> = { up: "good", down: "bad", unknown: "idle" };

/** Jobs and their targets, of any number: only the rows in sight are in the document. */
export function TargetTable({
  rows,
  current,
  onOpen,
  onJob,
  onShow,
}: {
  rows: readonly TargetRow[];
  current: string | undefined;
  onOpen: (id: string) => void;
  onJob: (job: string) => void;
  onShow: (job: string, shown: Shown) => void;
}) {
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Targets">
      <table className={`dense ${classes.targets}`}>
        <thead>
          <tr>
            <th className={classes.health}>Health</th>
            <th>Target</th>
            <th className={`${classes.labels} wide-only`}>Labels</th>
            <th className={classes.last}>Last scrape</th>
            <th className={`num ${classes.figure} wide-only`}>Took</th>
            <th className={`num ${classes.figure} wide-only`}>Samples</th>
          </tr>
        </thead>
        <RowWindow
          count={rows.length}
          columns={COLUMNS}
          current={rows.findIndex((row) => "id" in row && row.id === current)}
          row={(at) => {
            const row = rows[at];
            if (row === undefined) return null;
            if (row.kind === "job") return <JobRow key={row.job.job} job={row.job} onJob={onJob} onShow={onShow} />;
            if (row.kind === "problem") return <Problem key={`${row.job} ${row.text}`} text={row.text} />;
            const open = { current: row.id === current, onOpen: () => onOpen(row.id) };
            return row.kind === "target" ? (
              <Row key={row.id} target={row.target} {...open} />
            ) : (
              <DroppedRow key={row.id} dropped={row.dropped} {...open} />
            );
          }}
        />
      </table>
    </div>
  );
}

function JobRow({
  job,
  onJob,
  onShow,
}: {
  job: ScrapeJob;
  onJob: (job: string) => void;
  onShow: (job: string, shown: Shown) => void;
}) {
  const counts = (["down", "unknown", "up", "dropped"] as const).filter((one) => job[one] > 0);
  return (
    <tr className={classes.job}>
      <th colSpan={COLUMNS} scope="colgroup">
        <span className="row">
          <button type="button" title="Only this job" onClick={() => onJob(job.job)}>
            {job.job}
          </button>
          <span className="small soft row">
            {counts.map((one) => (
              <button
                key={one}
                type="button"
                className={one === "down" ? "bad" : undefined}
                title={`Only what is ${one} in this job`}
                onClick={() => onShow(job.job, one)}
              >
                {formatExact(job[one])} {one}
              </button>
            ))}
            {counts.length === 0 && "no targets"}
          </span>
        </span>
      </th>
    </tr>
  );
}

function Problem({ text }: { text: string }) {
  return (
    <tr>
      <td className="warning">
        <HealthMark health="warning" word="problem" />
      </td>
      <td colSpan={COLUMNS - 1} className={`${classes.told} warning`}>
        {text}
      </td>
    </tr>
  );
}

interface Opened {
  current: boolean;
  onOpen: () => void;
}

function Row({ target, current, onOpen }: { target: ScrapeTarget } & Opened) {
  const { health, url, error, last_scrape: last } = target;
  const labels = written(ownLabels(target));
  return (
    <tr className={classes.target} data-current={current} onClick={onOpen}>
      <td>
        <HealthMark health={MARK[health]} word={health} />
      </td>
      <td className={classes.address}>
        <button type="button" className={classes.open} title={url}>
          <Middle text={url} />
        </button>
        {error && <p className={`${classes.error} ${health === "down" ? "bad" : "warning"}`}>{error}</p>}
      </td>
      <td className="wide-only mono soft truncate" title={labels}>
        {labels}
      </td>
      <td>
        <RelativeTime time={last} fresh />
      </td>
      <td className="num wide-only">{last ? formatSeconds(target.last_scrape_seconds) : NOT_MEASURED}</td>
      <td className="num wide-only" title={formatExact(target.samples)}>
        {last ? formatCount(target.samples) : NOT_MEASURED}
      </td>
    </tr>
  );
}

function DroppedRow({ dropped, current, onOpen }: { dropped: DroppedTarget } & Opened) {
  const { __address__: address = "", ...others } = dropped.discovered_labels;
  return (
    <tr className={classes.target} data-current={current} onClick={onOpen}>
      <td>
        <HealthMark health="idle" word="dropped" />
      </td>
      <td colSpan={COLUMNS - 1}>
        <button type="button" className={classes.open} title={written(others)}>
          <Middle text={address || "(no address)"} />
        </button>
        <p className={`${classes.error} soft`}>{dropped.reason}</p>
      </td>
    </tr>
  );
}
