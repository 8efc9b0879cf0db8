import { Checkbox } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { IssueSummary } from "@/api/types";
import { HealthMark } from "@/components/HealthMark";
import { IssueBadges } from "@/components/IssueBadges";
import { Sparkline } from "@/components/Sparkline";
import { RelativeTime } from "@/components/Time";
import { formatCount, formatExact } from "@/lib/format";
import { severityHealth, titleParts } from "@/model/errors/issue";
import classes from "./Errors.module.css";

export function IssueRow(props: {
  issue: IssueSummary;
  current: boolean;
  /** Undefined: whoever looks may not change anything, and so picks nothing. */
  picked: boolean | undefined;
  onPick: (withShift: boolean) => void;
  onOpen: () => void;
}) {
  const { issue, current, picked, onPick, onOpen } = props;
  const { head, said } = titleParts(issue);
  return (
    <tr className={classes.issue} data-current={current} aria-selected={picked ?? current} onClick={onOpen}>
      {picked !== undefined && (
        <td className={classes.pick} onClick={(event) => event.stopPropagation()}>
          <Checkbox
            size="xs"
            aria-label={`Pick ${issue.title}`}
            checked={picked}
            onChange={(event) => onPick((event.nativeEvent as MouseEvent).shiftKey)}
          />
        </td>
      )}
      <td>
        <div className={classes.title}>
          <span title={`${issue.severity}, priority ${issue.priority}`} className={classes.mark}>
            <HealthMark health={severityHealth(issue.severity)} size={14} word="" />
            <span className="visually-hidden">{issue.severity}</span>
            {issue.priority === "high" && <IconArrowUp size={12} className="bad" aria-label="high priority" />}
            {issue.priority === "low" && <IconArrowDown size={12} className="soft" aria-label="low priority" />}
          </span>
          <button type="button" className="row-open truncate" title={issue.title}>
            {head}
            {said && <span className={classes.said}>: {said}</span>}
          </button>
        </div>
        <p className={`row-under soft ${classes.under}`}>
          <IssueBadges issue={issue} />
          <span className={classes.service}>{issue.service}</span>
          <span className="truncate" title={issue.culprit}>
            {issue.culprit}
          </span>
        </p>
      </td>
      <td className="wide-only">
        <Sparkline values={issue.trend} color="var(--bad-line)" width={88} />
      </td>
      <td className="num" title={formatExact(issue.events)}>
        {formatCount(issue.events)}
      </td>
      <td className="num wide-only" title={formatExact(issue.users)}>
        {formatCount(issue.users)}
      </td>
      <td className={`num ${classes.times}`}>
        <RelativeTime time={issue.last_seen} />
        <p className="row-under soft wide-only">
          since <RelativeTime time={issue.first_seen} />
        </p>
      </td>
      <td className={`wide-only truncate ${classes.whose}`} title={issue.assignee}>
        {issue.assignee || <span className="soft">nobody</span>}
      </td>
    </tr>
  );
}
