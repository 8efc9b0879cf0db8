import { useMemo } from "react";
import { LIVE_MS } from "@/api/queries";
import type { RuleDetail, RuleTransition } from "@/api/types";
import { Loaded, Notice } from "@/components/State";
import { useNow } from "@/components/Time";
import { useWatched, WatchedChart } from "@/components/Watched";
import { resolveRange } from "@/model/range";
import { firingBands } from "@/model/rules";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";

/** What the rule looks at over the page's time range, and when it really fired. */
export function NowChart({ rule, transitions }: { rule: RuleDetail; transitions: readonly RuleTransition[] }) {
  const { range } = useScope();
  const { live } = useLive();
  const now = useNow(live ? LIVE_MS : false);
  const { startMs, endMs } = useMemo(() => resolveRange(range, now), [range, now]);
  const { query, watched } = useWatched({
    query: rule.looks_at,
    operator: rule.operator,
    threshold: rule.threshold,
    startMs,
    endMs,
  });
  const bands = useMemo(() => firingBands(transitions, startMs, endMs), [transitions, startMs, endMs]);
  if (query.error?.status === 400) return <Notice>What it looks at cannot be drawn: {query.error.message}</Notice>;
  return (
    <Loaded query={query} what="what it looks at">
      {() => (
        <>
          <WatchedChart
            timed
            watched={watched}
            threshold={watched.threshold}
            bands={bands}
            startMs={startMs}
            endMs={endMs}
          />
          {watched.lines.length === 0 && (
            <Notice>No series matches what it looks at in this time range: it cannot fire by a value then.</Notice>
          )}
        </>
      )}
    </Loaded>
  );
}
