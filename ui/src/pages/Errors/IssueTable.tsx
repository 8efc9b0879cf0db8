import { Checkbox } from "@mantine/core";
import type { IssueSummary } from "@/api/types";
import { RowWindow } from "@/components/RowWindow";
import { SortHead } from "@/components/SortHead";
import classes from "./Errors.module.css";
import { IssueRow } from "./IssueRow";
import type { Sort } from "./url";
import type { Picked } from "./usePicked";

export function IssueTable(props: {
  issues: readonly IssueSummary[];
  current: number;
  sort: Sort;
  picked: Picked | undefined;
  onSort: (sort: Sort) => void;
  onOpen: (id: number) => void;
}) {
  const { issues, current, sort, picked, onSort, onOpen } = props;
  const head = (label: string, by: Sort, wideOnly = false) => (
    <SortHead label={label} sorted={sort === by ? "down" : null} wideOnly={wideOnly} onSort={() => onSort(by)} />
  );
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Issues">
      <table className={`dense ${classes.issues}`}>
        <thead>
          <tr>
            {picked && (
              <th className={classes.pick}>
                <Checkbox
                  size="xs"
                  aria-label="Pick all that are listed"
                  checked={picked.ids.length > 0 && picked.ids.length === issues.length}
                  indeterminate={picked.ids.length > 0 && picked.ids.length < issues.length}
                  onChange={picked.all}
                />
              </th>
            )}
            <th>Issue</th>
            <th className={`wide-only ${classes.trend}`}>Events over time</th>
            {head("Events", "events")}
            {head("Users", "users", true)}
            {head("Last seen", "last_seen")}
            <th className={`wide-only ${classes.whose}`}>Assignee</th>
          </tr>
        </thead>
        <RowWindow
          count={issues.length}
          columns={picked ? 7 : 6}
          current={current}
          row={(at) => {
            const issue = issues[at];
            return (
              issue && (
                <IssueRow
                  key={issue.id}
                  issue={issue}
                  current={at === current}
                  picked={picked?.has(issue.id)}
                  onPick={(withShift) => picked?.toggle(issue.id, withShift)}
                  onOpen={() => onOpen(issue.id)}
                />
              )
            );
          }}
        />
      </table>
    </div>
  );
}
