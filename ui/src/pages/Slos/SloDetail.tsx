import { useMemo } from "react";
import { useApi } from "@/api/queries";
import type { SloBurn, SloReport } from "@/api/types";
import { Chart, type ChartMarker } from "@/components/Chart";
import { CodeBlock } from "@/components/CopyId";
import { Figure, Figures } from "@/components/Figure";
import { HealthMark } from "@/components/HealthMark";
import { Section } from "@/components/PageFrame";
import { Loaded, Notice } from "@/components/State";
import { AbsoluteTime } from "@/components/Time";
import { formatSeconds, formatShare } from "@/lib/format";
import { budgetHealth, budgetText, burnText, targetText } from "@/model/slo";
import classes from "./Slos.module.css";

const EVERY_MS = 60_000;
const HISTORY_SHOWN_MIN = 2;

/** What is left of one budget and since when, how fast it goes, what does not count, and the rules made of it. */
export function SloDetail({ id }: { id: string }) {
  const query = useApi<SloReport>(`slos/${encodeURIComponent(id)}`, {}, { everyMs: EVERY_MS });
  return (
    <Loaded query={query} what="the objective">
      {(data) => <Detail data={data} />}
    </Loaded>
  );
}

function Detail({ data }: { data: SloReport }) {
  const { objective, budget_left: left, error_ratio: errors, excluded, burns, rules } = data;
  const tone = budgetHealth(left);
  return (
    <div className={classes.detail}>
      {objective.description && <p>{objective.description}</p>}
      {left !== null && left <= 0 && <Notice tone="bad">The budget of this window is spent.</Notice>}
      {left === null && (
        <Notice>
          Nothing happened in its window that counts: its queries found no events, or they are yet to come.
        </Notice>
      )}
      <Figures>
        <Figure label="Budget left">
          <span className={tone === "good" || tone === "idle" ? undefined : tone}>{budgetText(left)}</span>
        </Figure>
        <Figure label="Target">{targetText(objective.target)}</Figure>
        <Figure label="Good events">{errors === null ? "–" : formatShare(1 - errors)}</Figure>
        <Figure label="Burns now">{burnText(objective.burn_rate)}</Figure>
        <Figure label="Window">{formatSeconds(objective.window_seconds)}</Figure>
      </Figures>
      <History data={data} />
      <Section title="Burn rates" aside="an alert fires when both windows burn faster than their factor">
        <div className="table-wrap" tabIndex={0} role="region" aria-label="Burn rates by window">
          <table className="dense">
            <thead>
              <tr>
                <th>Who is told</th>
                <th>Windows</th>
                <th className="num">Factor</th>
                <th className="num">Long</th>
                <th className="num">Short</th>
                <th>State</th>
              </tr>
            </thead>
            <tbody>
              {burns.map((one) => (
                <Burn key={`${one.urgency} ${one.long}`} burn={one} />
              ))}
            </tbody>
          </table>
        </div>
      </Section>
      <Section
        title="Maintenance that does not count"
        aside={excluded.length > 0 && formatSeconds(data.excluded_seconds)}
      >
        {excluded.map((one) => (
          <p key={one.start} className="small">
            <AbsoluteTime time={one.start} /> to <AbsoluteTime time={one.end} />
          </p>
        ))}
        {excluded.length === 0 && <p className="soft">There was none in its window.</p>}
      </Section>
      <Section title="Its rules" aside={<span className="mono">{objective.file}</span>}>
        <CodeBlock code={rules} label="the rules" />
      </Section>
    </div>
  );
}

function Burn({ burn }: { burn: SloBurn }) {
  const { urgency, long, short, factor, long_burn: slow, short_burn: fast, alerts } = burn;
  return (
    <tr>
      <td>{urgency === "page" ? "paged" : "ticket"}</td>
      <td>
        {long}, {short}
      </td>
      <td className="num">{burnText(factor)}</td>
      <td className={`num ${slow !== null && slow > factor ? "bad" : ""}`}>{burnText(slow)}</td>
      <td className={`num ${fast !== null && fast > factor ? "bad" : ""}`}>{burnText(fast)}</td>
      <td>
        {alerts ? (
          <HealthMark health={urgency === "page" ? "bad" : "warning"} word="burns too fast" />
        ) : (
          <HealthMark health={slow === null ? "idle" : "good"} word={slow === null ? "not known" : "quiet"} />
        )}
      </td>
    </tr>
  );
}

/** Over its own window, whatever range the page has. */
function History({ data: { history, excluded, objective } }: { data: SloReport }) {
  const points = useMemo(() => history.map(({ at, left }) => [at * 1000, left] as const), [history]);
  const markers = useMemo(
    (): ChartMarker[] => [
      ...(points.some(([, left]) => left < 0) ? [{ label: "", atValue: 0 }] : []),
      ...excluded.map((one) => ({ label: "maintenance", atMs: Date.parse(one.start) })),
    ],
    [excluded, points],
  );
  const last = points[points.length - 1];
  const first = points[0];
  if (!first || !last || points.length < HISTORY_SHOWN_MIN)
    return <p className="soft small">How the budget went is drawn when its first hours are recorded.</p>;
  return (
    <Chart
      title={`Budget left, over ${formatSeconds(objective.window_seconds)}`}
      series={[{ name: "budget left", points, area: true }]}
      startMs={first[0]}
      endMs={last[0]}
      format={budgetText}
      markers={markers}
      fromZero={points.every(([, left]) => left >= 0)}
      height={160}
    />
  );
}
