import type { IssueSummary } from "@/api/types";
import { formatCount, formatExact } from "@/lib/format";
import { Go } from "./Go";
import { IssueBadges } from "./IssueBadges";
import { Sparkline } from "./Sparkline";
import { RelativeTime } from "./Time";

/** A few issues outside the Errors page; each leads to itself there. */
export function IssueLines({ issues, label }: { issues: readonly IssueSummary[]; label: string }) {
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label={label}>
      <table className="dense" style={{ tableLayout: "fixed" }}>
        <thead>
          <tr>
            <th>Issue</th>
            <th className="wide-only" style={{ width: 120 }}>
              Service
            </th>
            <th className="wide-only" style={{ width: 108 }}>
              Over time
            </th>
            <th className="num" style={{ width: 64 }}>
              Events
            </th>
            <th className="num wide-only" style={{ width: 56 }}>
              Users
            </th>
            <th className="num" style={{ width: 96 }}>
              Last seen
            </th>
          </tr>
        </thead>
        <tbody>
          {issues.map((issue) => (
            <tr key={issue.id}>
              <td className="truncate" title={issue.title}>
                <IssueBadges issue={issue} />{" "}
                <Go to="/errors/$id" params={{ id: String(issue.id) }}>
                  {issue.title}
                </Go>
              </td>
              <td className="wide-only truncate">{issue.service}</td>
              <td className="wide-only">
                <Sparkline values={issue.trend} color="var(--bad-line)" />
              </td>
              <td className="num" title={formatExact(issue.events)}>
                {formatCount(issue.events)}
              </td>
              <td className="num wide-only">{formatCount(issue.users)}</td>
              <td className="num soft">
                <RelativeTime time={issue.last_seen} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
