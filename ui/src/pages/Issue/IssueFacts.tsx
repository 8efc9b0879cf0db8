import { useMemo } from "react";
import { useChange, useScopedApi } from "@/api/queries";
import type { IssueDetail, Trend } from "@/api/types";
import { Chart } from "@/components/Chart";
import { type Fact, FactList } from "@/components/FactList";
import { Figure, Figures } from "@/components/Figure";
import { Go } from "@/components/Go";
import { Refused } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { useDeployMarkers } from "@/components/useDeployMarkers";
import { formatCount, formatExact } from "@/lib/format";
import { trendPoints } from "@/model/errors/overTime";
import { resolveRange } from "@/model/range";
import { useIssuesAgain } from "@/pages/Errors/useActs";
import { useMayEdit } from "@/state/role";
import { useScope } from "@/state/scope";
import classes from "./Issue.module.css";

/** How often, for whom, since when, and whose it is. */
export function IssueFacts({ detail }: { detail: IssueDetail }) {
  const { issue } = detail;
  const facts: Fact[] = [
    [
      "Service",
      issue.service && (
        <Go to="/services/$name" params={{ name: issue.service }}>
          {issue.service}
        </Go>
      ),
    ],
    ["Environment", issue.environment],
    ["Severity", issue.severity],
    [
      "Category",
      <Go key="category" to="/errors" search={{ category: issue.category }}>
        {issue.category}
      </Go>,
    ],
    ["Priority", issue.priority],
    ["Assignee", issue.assignee || <span className="soft">nobody</span>],
  ];
  return (
    <>
      <Figures>
        <Figure label="Events" note={<span className="small soft">in this time range</span>}>
          <span title={formatExact(issue.events)}>{formatCount(issue.events)}</span>
        </Figure>
        <Figure label="Users">
          <span title={formatExact(issue.users)}>{formatCount(issue.users)}</span>
        </Figure>
        <Figure label="Last seen" note={<Release version={issue.last_release} />}>
          <RelativeTime time={issue.last_seen} />
        </Figure>
        <Figure label="First seen" note={<Release version={issue.first_release} />}>
          <RelativeTime time={issue.first_seen} />
        </Figure>
      </Figures>
      <FactList facts={facts} />
      <Links detail={detail} />
      <TrendChart id={issue.id} service={issue.service} />
    </>
  );
}

function Release({ version }: { version: string }) {
  if (!version) return null;
  return (
    <Go to="/releases" search={{ open: version }} className="small" title={`Release ${version}`}>
      {version}
    </Go>
  );
}

function Links({ detail }: { detail: IssueDetail }) {
  const again = useIssuesAgain();
  const mayEdit = useMayEdit();
  const unlink = useChange<number>((id) => ({ path: `issues/${detail.issue.id}/links/${id}`, method: "DELETE" }), []);
  if (detail.links.length === 0) return null;
  return (
    <>
      <ul className={classes.links} aria-label="Issues of trackers">
        {detail.links.map((link) => (
          <li key={link.id}>
            <a href={link.url} target="_blank" rel="noreferrer noopener">
              {link.title || link.url} ↗
            </a>
            <span className="soft small">{link.tracker}</span>
            {mayEdit && (
              <button
                type="button"
                className={classes.plain}
                onClick={() => unlink.mutate(link.id, { onSuccess: again })}
              >
                Unlink<span className="visually-hidden"> {link.title || link.url}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      <Refused error={unlink.error} />
    </>
  );
}

function TrendChart({ id, service }: { id: number; service: string }) {
  const { range } = useScope();
  const found = useScopedApi<Trend>(`issues/${id}/trend`);
  const at = found.dataUpdatedAt;
  const { startMs, endMs } = useMemo(() => resolveRange(range, at > 0 ? at : Date.now()), [range, at]);
  const markers = useDeployMarkers(startMs, endMs, service || undefined);
  const points = useMemo(() => trendPoints(found.data, startMs, endMs), [found.data, startMs, endMs]);
  const series = useMemo(() => [{ name: "events", points, color: "var(--bad-line)" }], [points]);
  return (
    <Chart
      title="Events of this issue"
      heading={false}
      kind="bars"
      series={series}
      startMs={startMs}
      endMs={endMs}
      format={formatCount}
      markers={markers}
      height={96}
    />
  );
}
