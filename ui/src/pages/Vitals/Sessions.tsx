import { useMemo } from "react";
import type { BrowserSessions } from "@/api/types";
import { Chart, type ChartSeries } from "@/components/Chart";
import { Figure, Figures } from "@/components/Figure";
import { Section } from "@/components/PageFrame";
import { formatCount, formatSeconds, plural } from "@/lib/format";
import { resolveRange } from "@/model/range";
import { stepsOf } from "@/model/steps";
import { useScope } from "@/state/scope";

/** How many sessions there were, of how many people, and how long they took. */
export function Sessions({ sessions, stepSeconds }: { sessions: BrowserSessions; stepSeconds: number }) {
  const { range } = useScope();
  const shown = useMemo(() => {
    const { startMs, endMs } = resolveRange(range, Date.now());
    const known = new Map(sessions.points.map((one) => [Date.parse(one.time), one]));
    const steps = stepsOf(startMs, endMs, stepSeconds);
    const series: ChartSeries[] = [
      { name: "sessions", points: steps.map((ms) => [ms, known.get(ms)?.sessions ?? 0]), color: "var(--series-0)" },
      { name: "active users", points: steps.map((ms) => [ms, known.get(ms)?.users ?? 0]), color: "var(--series-2)" },
    ];
    return { startMs, endMs, series };
  }, [sessions, stepSeconds, range]);
  const timed = sessions.with_duration > 0;
  return (
    <Section title="Sessions">
      <Figures>
        <Figure label="Sessions">{formatCount(sessions.sessions)}</Figure>
        <Figure label="Active users">{formatCount(sessions.users)}</Figure>
        <Figure
          label="Duration, median"
          note={
            <span className="small soft">
              {timed
                ? `p95 ${formatSeconds(sessions.p95_seconds)}, of ${plural(sessions.with_duration, "session")}`
                : "not told"}
            </span>
          }
        >
          {formatSeconds(sessions.p50_seconds)}
        </Figure>
        <Figure label="With errors">{formatCount(sessions.errored)}</Figure>
        <Figure label="Crashed">
          <span className={sessions.crashed > 0 ? "bad" : undefined}>{formatCount(sessions.crashed)}</span>
        </Figure>
      </Figures>
      {sessions.points.length > 0 && (
        <Chart
          title="Sessions and active users"
          series={shown.series}
          format={formatCount}
          startMs={shown.startMs}
          endMs={shown.endMs}
          height={120}
        />
      )}
    </Section>
  );
}
