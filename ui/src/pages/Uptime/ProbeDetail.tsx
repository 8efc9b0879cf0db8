import { Anchor, Button } from "@mantine/core";
import { useMemo } from "react";
import { LIVE_MS, useApi, useChange } from "@/api/queries";
import type { ProbeAnswer, ProbeAsk, ProbeAttempt, ProbeLocation } from "@/api/types";
import { Chart, type ChartMarker } from "@/components/Chart";
import fields from "@/components/Fields.module.css";
import { Figure, Figures } from "@/components/Figure";
import { Go } from "@/components/Go";
import { HealthMark } from "@/components/HealthMark";
import { Section } from "@/components/PageFrame";
import { Loaded, Notice, Refused } from "@/components/State";
import { RelativeTime, useNow } from "@/components/Time";
import { formatSeconds } from "@/lib/format";
import { apartColors } from "@/lib/colors";
import { chartSeries } from "@/model/series";
import { availabilityText, certificate, lookedAt, PROBE_HEALTH, upShare } from "@/model/uptime";
import { Days } from "./Days";
import { durationsOf, useOverRange } from "./latency";
import classes from "./Uptime.module.css";

/** Everything about one probe: how it stands and why, how long it takes, ninety days, each location, what changed. */
export function ProbeDetail({ name, here }: { name: string; here: string | undefined }) {
  const query = useApi<ProbeAnswer>(`probes/${encodeURIComponent(name)}`, {}, { everyMs: LIVE_MS });
  return (
    <Loaded query={query} what="the probe">
      {(data) => <Detail data={data} here={here} />}
    </Loaded>
  );
}

function Detail({ data, here }: { data: ProbeAnswer; here: string | undefined }) {
  const { summary, days, changes } = data;
  const now = useNow();
  const share = upShare(days);
  const expiry = certificate(summary.certificate_expires, now);
  const bad = summary.state === "down" || summary.state === "unknown";
  return (
    <div className={classes.detail}>
      <div className="spread">
        <span className="row">
          <HealthMark health={PROBE_HEALTH[summary.state]} word={summary.state} />
          {summary.since && (
            <span className="soft small">
              since <RelativeTime time={summary.since} />
            </span>
          )}
        </span>
        <AskNow probe={summary.name} here={here} />
      </div>
      {bad && summary.reason && (
        <Notice tone={summary.state === "down" ? "bad" : "warning"}>
          {summary.reason}
          {summary.detail && `: ${summary.detail}`}
        </Notice>
      )}
      {summary.flapping && <Notice tone="warning">It goes up and down often: it is flapping.</Notice>}
      {summary.description && <p>{summary.description}</p>}
      <p className="mono soft" style={{ overflowWrap: "anywhere" }}>
        {lookedAt(summary)}
      </p>
      <Figures>
        <Figure label="Up, 30 days">{availabilityText(summary.availability)}</Figure>
        <Figure label="Asked every">{formatSeconds(summary.interval_seconds)}</Figure>
        {expiry && (
          <Figure label="Certificate expires in">
            <span className={expiry.tone === "good" ? undefined : expiry.tone}>{expiry.text}</span>
          </Figure>
        )}
      </Figures>
      <Latency name={summary.name} changes={changes} />
      <Section title="90 days" aside={share === null ? "not measured yet" : `${availabilityText(share)} up`}>
        <Days days={days} nowMs={now} />
      </Section>
      <Section title="Locations">
        {summary.locations.map((one) => (
          <Location key={one.location} location={one} here={one.location === here} />
        ))}
        {summary.locations.length === 0 && <p className="soft">None has told anything yet.</p>}
      </Section>
      <Section title="Changes">
        <ul className={classes.changes}>
          {changes.map((one) => (
            <li key={one.id}>
              <HealthMark health={PROBE_HEALTH[one.state_to]} word={one.state_to} />
              <span className="soft">
                {one.reason}
                {one.detail && `: ${one.detail}`}
              </span>
              <RelativeTime time={one.at} />
            </li>
          ))}
        </ul>
        {changes.length === 0 && <p className="soft">Its state has not changed yet.</p>}
      </Section>
    </div>
  );
}

function Latency({ name, changes }: { name: string; changes: ProbeAnswer["changes"] }) {
  const { found, series, step, startMs, endMs } = useOverRange(
    (seconds) => `avg by (location) (avg_over_time(${durationsOf(name)}[${Math.max(seconds, 60)}s]))`,
    200,
  );
  const colors = useMemo(() => apartColors(series.map((one) => one.metric.location ?? "")), [series]);
  const lines = useMemo(
    () =>
      chartSeries(series, step).map((one, at) => {
        const location = series[at]?.metric.location ?? one.name;
        return { ...one, name: location, color: colors(location) };
      }),
    [series, step, colors],
  );
  const markers = useMemo(
    () =>
      changes
        .filter((one) => one.state_to === "down")
        .map((one): ChartMarker => ({ label: "down", atMs: Date.parse(one.at) }))
        .filter(({ atMs = 0 }) => atMs >= startMs && atMs <= endMs),
    [changes, startMs, endMs],
  );
  if (found.isError) return <Notice tone="warning">Cannot load its latency: {found.error.message}</Notice>;
  return (
    <div>
      <Chart
        title="Latency"
        series={lines}
        startMs={startMs}
        endMs={endMs}
        format={formatSeconds}
        markers={markers}
        height={140}
      />
      <p className="small">
        <Anchor component={Go} to="/explore" search={{ expr: [durationsOf(name)] }}>
          In Metrics
        </Anchor>
      </p>
    </div>
  );
}

/** One attempt from the server, at once; it changes no state. */
function AskNow({ probe, here }: { probe: string; here: string | undefined }) {
  const ask = useChange<ProbeAsk, ProbeAttempt>((body) => ({ path: "probe-attempts", method: "POST", body }), []);
  return (
    <div className="row">
      <Refused error={ask.error} />
      <span role="status">
        {ask.data && (
          <span className={`small ${ask.data.success ? "good" : "bad"}`} title={ask.data.detail}>
            {ask.data.success ? "answered" : ask.data.reason} after {formatSeconds(ask.data.seconds)}
          </span>
        )}
      </span>
      <Button
        size="compact-xs"
        variant="default"
        loading={ask.isPending}
        title={here && `From ${here}; it changes no state`}
        onClick={() => ask.mutate({ probe })}
      >
        Ask now
      </Button>
    </div>
  );
}

function Location({ location, here }: { location: ProbeLocation; here: boolean }) {
  const { last } = location;
  const facts = { ...last?.facts };
  return (
    <table className={fields.fields}>
      <caption className="visually-hidden">{location.location}</caption>
      <tbody>
        <tr>
          <th scope="row">
            <strong>{location.location}</strong>
            {here && " (this server)"}
          </th>
          <td>
            <HealthMark health={PROBE_HEALTH[location.state]} word={location.silent ? "silent" : location.state} />
          </td>
        </tr>
        {last && (
          <tr>
            <th scope="row">Last attempt</th>
            <td>
              <RelativeTime time={last.at} fresh />, {formatSeconds(last.seconds)}
              {!last.success && (
                <span className="bad">, {last.detail ? `${last.reason}: ${last.detail}` : last.reason}</span>
              )}
            </td>
          </tr>
        )}
        {last && Object.keys(last.phases).length > 0 && (
          <tr>
            <th scope="row">Phases</th>
            <td>
              {Object.entries(last.phases)
                .map(([phase, seconds]) => `${phase} ${formatSeconds(seconds)}`)
                .join(" · ")}
            </td>
          </tr>
        )}
        {Object.entries(facts).map(([fact, value]) => (
          <tr key={fact}>
            <th scope="row">{fact.replace(/_/g, " ")}</th>
            <td className="mono">{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
