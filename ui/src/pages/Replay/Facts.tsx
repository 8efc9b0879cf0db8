import type { ReplayDetail } from "@/api/types";
import { type Fact, FactList } from "@/components/FactList";
import { Go } from "@/components/Go";
import { AbsoluteTime } from "@/components/Time";
import { formatBytes, formatExact, formatMillis, plural } from "@/lib/format";
import { oddClicks } from "@/model/replay/summary";

/** Who it was, with what, where, and how it went. */
export function Facts({ detail }: { detail: ReplayDetail }) {
  const { summary, bytes, segments } = detail;
  const { user, browser, os, device, release, environment } = summary;
  const facts: Fact[] = [
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
  return <FactList facts={facts} stacked />;
}

function clicksText(summary: ReplayDetail["summary"]): React.ReactNode {
  const odd = oddClicks(summary);
  return (
    <>
      {formatExact(summary.clicks)}
      {odd && <span className="warning">, {odd}</span>}
    </>
  );
}
