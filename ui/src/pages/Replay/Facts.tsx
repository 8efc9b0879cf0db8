import type { ReplayDetail } from "@/api/types";
import { Go } from "@/components/Go";
import { AbsoluteTime } from "@/components/Time";
import { formatBytes, formatExact, formatMillis, plural } from "@/lib/format";
import classes from "./Replay.module.css";

/** Who it was, with what, where, and how it went. */
export function Facts({ detail }: { detail: ReplayDetail }) {
  const { summary, bytes, segments } = detail;
  const { user, browser, os, device, release, environment } = summary;
  const facts: [string, React.ReactNode][] = [
    [
      "User",
      user ? (
        <Go to="/replays" search={{ user }} title="All replays of this user">
          {user}
        </Go>
      ) : (
        <span className="soft">not signed in</span>
      ),
    ],
    ["Began", <AbsoluteTime key="began" time={summary.started} />],
    ["Lasted", formatMillis(summary.duration_ms)],
    ["With", [browser, os, device].filter(Boolean).join(", ")],
    ["Environment", environment],
    ["Release", release],
    ["Errors", <span className={summary.errors > 0 ? "bad" : undefined}>{formatExact(summary.errors)}</span>],
    ["Clicks", clicksText(summary)],
    ["Kept", `${formatBytes(bytes)} in ${plural(segments.length, "part")}`],
  ];
  return (
    <dl className={classes.facts}>
      {facts.map(
        ([name, value]) =>
          value && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function clicksText({ clicks, dead_clicks: dead, rage_clicks: rage }: ReplayDetail["summary"]): React.ReactNode {
  const odd = [dead > 0 && `${formatExact(dead)} dead`, rage > 0 && `${formatExact(rage)} in rage`].filter(Boolean);
  return (
    <>
      {formatExact(clicks)}
      {odd.length > 0 && <span className="warning">, {odd.join(", ")}</span>}
    </>
  );
}
