import { useMemo } from "react";
import { LIVE_MS } from "@/api/queries";
import type { RuleTransition } from "@/api/types";
import { Loaded, Notice } from "@/components/State";
import { firingBands } from "@/model/rules";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";
import { useBacktest } from "./useBacktest";
import { WatchedChart } from "./WatchedChart";

/** What the rule looks at over the page's time range, and when it really fired. */
export function NowChart({ id, transitions }: { id: string; transitions: readonly RuleTransition[] }) {
  const { params } = useScope();
  const { live } = useLive();
  const query = useBacktest({ alert: id, start: params.start, end: params.end }, live ? LIVE_MS : undefined);
  const bands = useMemo(
    () => (query.data ? firingBands(transitions, Date.parse(query.data.start), Date.parse(query.data.end)) : []),
    [query.data, transitions],
  );
  if (query.error?.status === 400) return <Notice>What it looks at cannot be drawn: {query.error.message}</Notice>;
  return (
    <Loaded query={query} what="what it looks at">
      {(data) => (
        <>
          <WatchedChart
            timed
            watched={data.watched}
            threshold={data.watched.threshold}
            bands={bands}
            startMs={Date.parse(data.start)}
            endMs={Date.parse(data.end)}
          />
          {data.watched.lines.length === 0 && (
            <Notice>No series matches what it looks at in this time range: it cannot fire by a value then.</Notice>
          )}
        </>
      )}
    </Loaded>
  );
}
