import { Button } from "@mantine/core";
import { useState } from "react";
import type { AlertGroupShown, AlertShown } from "@/api/types";
import { HealthMark } from "@/components/HealthMark";
import { RowWindow } from "@/components/RowWindow";
import { RelativeTime } from "@/components/Time";
import { formatExact, plural } from "@/lib/format";
import { type AlertRow, severityOf, tellingLabels } from "@/model/alerts";
import classes from "./Alerts.module.css";
import { MarkForm } from "./MarkForm";
import { Standing } from "./Standing";

const COLUMNS = 5;

/** Groups and their alerts, of any number: only the rows in sight are in the document. */
export function AlertTable({
  rows,
  current,
  onOpen,
  onGroup,
}: {
  rows: readonly AlertRow[];
  current: string | undefined;
  onOpen: (fingerprint: string) => void;
  /** To see all of a group that was cut; undefined where it is shown alone. */
  onGroup: ((key: string) => void) | undefined;
}) {
  const [marking, setMarking] = useState<AlertGroupShown>();
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Alerts">
      <table className={`dense ${classes.alerts}`}>
        <thead>
          <tr>
            <th className={classes.severity}>Severity</th>
            <th>Alert</th>
            <th className={`${classes.labels} wide-only`}>Labels</th>
            <th className={`${classes.stands} wide-only`}>Stands</th>
            <th className={classes.since}>Since</th>
          </tr>
        </thead>
        <RowWindow
          count={rows.length}
          columns={COLUMNS}
          current={rows.findIndex((row) => row.kind === "alert" && row.id === current)}
          row={(at) => {
            const row = rows[at];
            if (row === undefined) return null;
            return row.kind === "group" ? (
              <GroupRow
                key={row.id}
                group={row.group}
                open={row.open}
                onMark={() => setMarking(row.group)}
                onWhole={onGroup && (() => onGroup(row.id))}
              />
            ) : (
              <Row
                key={`${row.group.key} ${row.id}`}
                alert={row.alert}
                shared={row.group.labels}
                current={row.id === current}
                onOpen={() => onOpen(row.id)}
              />
            );
          }}
        />
      </table>
      {marking && (
        <MarkForm
          kind="acknowledged"
          of={{ group_key: marking.key }}
          what={`${plural(marking.firing, "alert")} of this group`}
          onClose={() => setMarking(undefined)}
        />
      )}
    </div>
  );
}

function GroupRow(props: {
  group: AlertGroupShown;
  open: number;
  onMark: () => void;
  onWhole: (() => void) | undefined;
}) {
  const { group, open } = props;
  const labels = Object.entries(group.labels);
  const more = group.total - group.alerts.length;
  return (
    <tr className={classes.group}>
      <th colSpan={COLUMNS} scope="colgroup">
        <div className="spread">
          <span className={classes.groupName}>
            <strong>{labels.length > 0 ? labels.map(([, value]) => value).join(" · ") : "All alerts"}</strong>
            <span className="soft">
              to {group.receiver} · {plural(group.total, "alert")}
              {more > 0 && `, the ${formatExact(group.alerts.length)} most urgent shown`}
              {group.muted_by.length > 0 && ` · muted by ${group.muted_by.join(", ")}`}
            </span>
          </span>
          <span className="row">
            {more > 0 && props.onWhole && (
              <Button variant="subtle" size="compact-xs" onClick={props.onWhole}>
                Show this group alone
              </Button>
            )}
            {open > 0 && (
              <Button variant="subtle" size="compact-xs" onClick={props.onMark}>
                Acknowledge all
              </Button>
            )}
          </span>
        </div>
      </th>
    </tr>
  );
}

function Row(props: { alert: AlertShown; shared: Record<string, string>; current: boolean; onOpen: () => void }) {
  const { alert } = props;
  const severity = severityOf(alert.labels);
  const labels = tellingLabels(alert.labels, props.shared);
  const written = labels.map(([name, value]) => `${name}=${value}`).join("  ");
  const summary = alert.annotations.summary ?? alert.annotations.title ?? alert.annotations.description;
  return (
    <tr
      className={classes.alert}
      data-current={props.current}
      data-held={alert.state === "suppressed"}
      onClick={props.onOpen}
    >
      <td>
        <HealthMark health={severity.health} word={severity.word} />
      </td>
      <td className={classes.name}>
        <button type="button" className={`row-open ${classes.open}`}>
          {alert.name}
        </button>
        {summary && <p className={`${classes.summary} soft`}>{summary}</p>}
        <p className={classes.narrow}>
          <Standing alert={alert} />
        </p>
      </td>
      <td className="wide-only mono soft truncate" title={written}>
        {written}
      </td>
      <td className="wide-only">
        <Standing alert={alert} />
      </td>
      <td>
        <RelativeTime time={alert.starts_at} />
      </td>
    </tr>
  );
}
