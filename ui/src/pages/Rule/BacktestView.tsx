import { Button, SegmentedControl } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { BacktestAnswer } from "@/api/types";
import { Figure, Figures } from "@/components/Figure";
import { LongTable } from "@/components/LongTable";
import { Section } from "@/components/PageFrame";
import { Loaded, Notice } from "@/components/State";
import { AbsoluteTime } from "@/components/Time";
import { WatchedChart } from "@/components/Watched";
import { formatExact, formatSeconds } from "@/lib/format";
import { useSearchChange } from "@/state/useOpened";
import { Messages } from "./Messages";
import classes from "./Rule.module.css";
import { type RuleSearch, SPANS } from "./url";
import { useBacktest } from "./useBacktest";

/** When the rule would have fired, and who would have been told; the threshold can be tried out. */
export function BacktestView({ id }: { id: string }) {
  const { over = "now-1d", threshold } = useSearch({ strict: false }) as RuleSearch;
  const change = useSearchChange<RuleSearch>();
  const query = useBacktest({ alert: id, start: over, ...(threshold ? { threshold: Number(threshold) } : {}) });
  return (
    <>
      <div className={classes.form}>
        <SegmentedControl
          aria-label="Over"
          value={over}
          onChange={(value) => change({ over: SPANS.find((one) => one === value) })}
          data={SPANS.map((one) => ({ value: one, label: `Last ${one.slice(4, -1)} d` }))}
        />
        {threshold !== undefined && (
          <Button variant="default" onClick={() => change({ threshold: undefined })}>
            Back to the rule&apos;s own threshold
          </Button>
        )}
      </div>
      <Loaded query={query} what="the backtest">
        {(data) => (
          <Found data={data} tried={threshold} onThreshold={(value) => change({ threshold: String(value) })} />
        )}
      </Loaded>
    </>
  );
}

function Found(props: { data: BacktestAnswer; tried: string | undefined; onThreshold: (value: number) => void }) {
  const { data } = props;
  const bands = useMemo(
    () =>
      data.spans.map((span) => ({
        startMs: Date.parse(span.fired_at ?? span.active_at),
        endMs: Date.parse(span.ended_at ?? data.end),
        firing: span.fired_at !== null,
      })),
    [data],
  );
  return (
    <>
      <Figures>
        <Figure label="Would have fired">{formatExact(data.fired)}</Figure>
        <Figure label="For">{formatSeconds(data.firing_seconds)}</Figure>
        <Figure label="Only pending">{formatExact(data.pending_only)}</Figure>
        <Figure label="Messages">{formatExact(data.messages.length + data.more_messages)}</Figure>
        <Figure label="Evaluations">{formatExact(data.evaluations)}</Figure>
      </Figures>
      {data.verdict === "never" && <Notice>Its condition never held: nothing came past this threshold.</Notice>}
      {data.verdict === "always" && (
        <Notice tone="warning">Its condition held all the time: this threshold tells nothing apart.</Notice>
      )}
      <WatchedChart
        watched={data.watched}
        threshold={data.watched.threshold}
        bands={bands}
        startMs={Date.parse(data.start)}
        endMs={Date.parse(data.end)}
        onThreshold={props.onThreshold}
      />
      {data.watched.threshold === null ? (
        <p className="small soft">This rule compares with no single number: there is no threshold to try.</p>
      ) : (
        <p className="small soft">
          Drag the line to try another threshold; nothing changes but this page.
          {props.tried && " To keep it, write it into the rule:"}
        </p>
      )}
      {props.tried && <pre className="mono">{data.query}</pre>}
      <Section title="When">
        {data.spans.length === 0 ? (
          <p className="soft">Never.</p>
        ) : (
          <LongTable
            label="When it would have fired"
            what={["time", "times"]}
            items={data.spans}
            columns={[
              { label: "Pending" },
              { label: "Fired" },
              { label: "Ended" },
              { label: "Labels", wideOnly: true },
            ]}
            row={(span, at) => (
              <tr key={at}>
                <td>
                  <AbsoluteTime time={span.active_at} />
                </td>
                <td>{span.fired_at ? <AbsoluteTime time={span.fired_at} /> : <span className="soft">no</span>}</td>
                <td>{span.ended_at ? <AbsoluteTime time={span.ended_at} /> : <span className="soft">not yet</span>}</td>
                <td className="wide-only mono soft" style={{ overflowWrap: "anywhere" }}>
                  {Object.entries(span.labels)
                    .filter(([name]) => name !== "alertname")
                    .map((pair) => pair.join("="))
                    .join(" ")}
                </td>
              </tr>
            )}
          />
        )}
      </Section>
      <Section title="Who would have been told">
        <Messages messages={data.messages} more={data.more_messages} />
      </Section>
    </>
  );
}
