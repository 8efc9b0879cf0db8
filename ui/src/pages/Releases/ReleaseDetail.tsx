import { useMemo } from "react";
import { useScopedApi } from "@/api/queries";
import type { CommitShown, DeployShown, ReleaseDetail as Detail, ReleaseIssue } from "@/api/types";
import { Chart } from "@/components/Chart";
import { CopyId } from "@/components/CopyId";
import { Figure, Figures } from "@/components/Figure";
import { Go } from "@/components/Go";
import { Section } from "@/components/PageFrame";
import { Loaded } from "@/components/State";
import { AbsoluteTime, RelativeTime } from "@/components/Time";
import { formatCount, formatExact, formatShare, plural, searchValue } from "@/lib/format";
import { resolveRange } from "@/model/range";
import { beganOf, hostOf, markersOf, subjectOf } from "@/model/releases";
import { useScope } from "@/state/scope";
import { CrashFree } from "./CrashFree";
import classes from "./Releases.module.css";

/** One release: who runs it, what broke in it, where it was deployed, and what is in it. */
export function ReleaseDetail({ version }: { version: string }) {
  const query = useScopedApi<Detail>(`releases/${encodeURIComponent(version)}`);
  return (
    <Loaded query={query} what={`the release ${version}`}>
      {(data) => <Shown data={data} />}
    </Loaded>
  );
}

function Shown({ data }: { data: Detail }) {
  const { summary, deploys, commits, new_issues: issues } = data;
  const { version, health, events, unhandled, files, url } = summary;
  const { word, time } = beganOf(summary);
  const own = `service.version:${searchValue(version)}`;
  return (
    <div className={classes.detail}>
      <p className="soft">
        {time ? (
          <>
            {word} <RelativeTime time={time} />
          </>
        ) : (
          "nothing of it came in this time range"
        )}
        {" · "}
        {files > 0 ? `${plural(files, "file")} uploaded under its name` : "no files uploaded under its name"}
        {summary.archived && " · archived"}
        {url && (
          <>
            {" · "}
            <a href={url} rel="noreferrer" className="among">
              {hostOf(url)}
            </a>
          </>
        )}
        {" · "}
        <Go to="/logs" search={{ query: own }} className="among">
          logs
        </Go>
      </p>
      <Figures>
        <Figure label="Crash-free sessions">
          <CrashFree share={health.crash_free_sessions} of={`${formatExact(health.crashed)} crashed`} />
        </Figure>
        <Figure label="Crash-free users">
          <CrashFree share={health.crash_free_users} of={`${formatExact(health.crashed_users)} users had a crash`} />
        </Figure>
        <Figure label="Adoption">{formatShare(health.adoption_sessions)}</Figure>
        <Figure label="Sessions">{formatCount(health.sessions)}</Figure>
        <Figure label="Users">{formatCount(health.users)}</Figure>
        <Figure label="Errors" note={unhandled > 0 && `${formatCount(unhandled)} unhandled`}>
          {formatCount(events)}
        </Figure>
      </Figures>
      {health.sessions > 0 ? (
        <Sessions data={data} />
      ) : (
        <p className="soft">
          No session of it came in this time range: SDKs tell of sessions when they know the release.
        </p>
      )}
      <Section title="New issues" aside="first seen in this release">
        <Issues issues={issues} />
      </Section>
      <Section title="Deploys" aside={plural(deploys.length, "deploy")}>
        <Deploys deploys={deploys} />
      </Section>
      <Section title="Commits" aside={plural(commits.length, "commit")}>
        <Commits commits={commits} />
      </Section>
    </div>
  );
}

function Sessions({ data }: { data: Detail }) {
  const { range } = useScope();
  const { points, deploys } = data;
  const { startMs, endMs } = useMemo(() => resolveRange(range, Date.now()), [range]);
  const markers = useMemo(() => markersOf(deploys, startMs, endMs), [deploys, startMs, endMs]);
  const shown = useMemo(() => {
    const at = points.map((one) => [Date.parse(one.time), one] as const);
    return {
      adoption: at.map(([ms, one]) => [ms, one.adoption_sessions] as const),
      sessions: at.map(([ms, one]) => [ms, one.sessions - one.crashed] as const),
      crashed: at.map(([ms, one]) => [ms, one.crashed] as const),
    };
  }, [points]);
  return (
    <div className={classes.charts}>
      <Chart
        title="Adoption"
        series={[{ name: "share of sessions", points: shown.adoption, color: "var(--series-0)", area: true }]}
        startMs={startMs}
        endMs={endMs}
        format={formatShare}
        markers={markers}
        height={140}
      />
      <Chart
        title="Sessions"
        kind="bars"
        series={[
          { name: "without a crash", points: shown.sessions, color: "var(--series-0)" },
          { name: "crashed", points: shown.crashed, color: "var(--bad-line)" },
        ]}
        startMs={startMs}
        endMs={endMs}
        format={formatCount}
        markers={markers}
        height={140}
      />
    </div>
  );
}

function Issues({ issues }: { issues: readonly ReleaseIssue[] }) {
  if (issues.length === 0) return <p className="soft">No issue was first seen in it.</p>;
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Table of new issues">
      <table className="dense">
        <thead>
          <tr>
            <th>Issue</th>
            <th>Level</th>
            <th>State</th>
            <th>First seen</th>
          </tr>
        </thead>
        <tbody>
          {issues.map((one) => (
            <tr key={one.id}>
              <td className={classes.message}>
                <Go to="/errors/$id" params={{ id: one.id }} className="truncate" title={one.title}>
                  {one.title}
                </Go>
              </td>
              <td>{one.level}</td>
              <td>{one.status}</td>
              <td className="soft">
                <RelativeTime time={one.first_seen} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Deploys({ deploys }: { deploys: readonly DeployShown[] }) {
  if (deploys.length === 0) return <p className="soft">No deploy of it was marked.</p>;
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Table of deploys">
      <table className="dense">
        <thead>
          <tr>
            <th>Finished</th>
            <th>Environment</th>
            <th>Service</th>
            <th className="wide-only">Name</th>
            <th className="wide-only">Marked by</th>
          </tr>
        </thead>
        <tbody>
          {deploys.map((one) => (
            <tr key={one.id}>
              <td>
                <AbsoluteTime time={one.finished} />
              </td>
              <td>{one.environment || <span className="soft">all</span>}</td>
              <td>{one.service || <span className="soft">all</span>}</td>
              <td className="wide-only">
                {one.url ? (
                  <a href={one.url} rel="noreferrer" className="among">
                    {one.name || hostOf(one.url)}
                  </a>
                ) : (
                  one.name
                )}
              </td>
              <td className="wide-only soft">{one.marked_by}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Commits({ commits }: { commits: readonly CommitShown[] }) {
  if (commits.length === 0)
    return (
      <p className="soft">
        Its commits are not known: <code>sentry-cli releases set-commits --auto</code> tells them.
      </p>
    );
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Table of commits">
      <table className="dense">
        <thead>
          <tr>
            <th>Commit</th>
            <th>Message</th>
            <th className="wide-only">Author</th>
            <th className="num wide-only">Files</th>
            <th className="wide-only">Time</th>
          </tr>
        </thead>
        <tbody>
          {commits.map((one) => (
            <tr key={one.sha}>
              <td>
                <CopyId id={one.sha} label="commit" />
              </td>
              <td className={classes.message}>
                <span className="truncate" title={one.message}>
                  {subjectOf(one.message)}
                </span>
              </td>
              <td className="wide-only">{one.author || one.email}</td>
              <td className="num wide-only" title={one.files.join("\n")}>
                {formatCount(one.files.length)}
              </td>
              <td className="wide-only soft">{one.time ? <RelativeTime time={one.time} /> : "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
