import { Button, Select } from "@mantine/core";
import {
  IconBell,
  IconBellRinging,
  IconCircleCheck,
  IconFlame,
  IconHourglass,
  IconSend,
  type TablerIcon,
} from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useApi, useChange } from "@/api/queries";
import type { DrillAnswer, DrillEntry, DrillRequest, RehearsedRules } from "@/api/types";
import { HealthMark } from "@/components/HealthMark";
import { Section } from "@/components/PageFrame";
import { Failure, Notice, SkeletonRows } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { WatchedChart } from "@/components/Watched";
import { formatSeconds } from "@/lib/format";
import { drillLanes } from "@/model/drill";
import { Messages } from "./Messages";
import classes from "./Rule.module.css";

const HOLDS = [
  { value: "600", label: "10 minutes" },
  { value: "1800", label: "30 minutes" },
  { value: "7200", label: "2 hours" },
  { value: "28800", label: "8 hours" },
];
const ICON: Record<DrillEntry["kind"], TablerIcon> = {
  incident: IconFlame,
  pending: IconHourglass,
  firing: IconBellRinging,
  notified: IconSend,
  over: IconBell,
  resolved: IconCircleCheck,
};
const NO_BANDS: readonly never[] = [];

/** The alert's whole life, rehearsed on made-up series: who is told of what, and when. Nobody is sent anything. */
export function DrillView({ id, name }: { id: string; name: string }) {
  const [hold, setHold] = useState("1800");
  const rehearsed = useApi<RehearsedRules>("drills");
  const last = rehearsed.data?.rules.find((one) => one.rule_id === id);
  const drill = useChange<DrillRequest, DrillAnswer>((body) => ({ path: "drills", method: "POST", body }), ["drills"]);
  return (
    <>
      <p style={{ marginTop: 0 }}>
        A drill lets {name} fire on made-up series and a clock of its own, through the routes and schedules in force. It
        sends nothing and stores nothing but that it was done.
      </p>
      {last && (
        <p className="small soft">
          {last.drilled_at ? (
            <>
              Last rehearsed <RelativeTime time={last.drilled_at} fresh /> by {last.drilled_by}
              {last.passed ? "" : ", which failed"}
              {last.changed && "; the rule has changed since"}.
            </>
          ) : (
            "It was never rehearsed."
          )}
        </p>
      )}
      <div className={classes.form}>
        <Select
          label="The incident lasts"
          data={HOLDS}
          value={hold}
          allowDeselect={false}
          onChange={(value) => setHold(value ?? "1800")}
          w={160}
        />
        <Button loading={drill.isPending} onClick={() => drill.mutate({ alert: id, hold_seconds: Number(hold) })}>
          Run the drill
        </Button>
      </div>
      {drill.error && <Failure error={drill.error} what="the drill" />}
      {drill.isPending && <SkeletonRows />}
      {drill.data && !drill.isPending && <Drilled data={drill.data} />}
    </>
  );
}

function Drilled({ data }: { data: DrillAnswer }) {
  const lanes = useMemo(() => drillLanes(data), [data]);
  return (
    <>
      <div className="row" style={{ flexWrap: "wrap" }}>
        <HealthMark health={data.passed ? "good" : "bad"} word={data.passed ? "Passed" : "Failed"} />
        <span className="soft">
          {data.told.length > 0 ? `${data.told.join(", ")} would be told` : "nobody would be told"}
        </span>
      </div>
      {!data.fired && <Notice tone="bad">It did not fire on the series that were made up for it.</Notice>}
      <div className={classes.lanes} role="group" aria-label="Timeline">
        <div className={classes.laneName}>Alert</div>
        <div className={classes.lane}>
          {lanes.phases.map((one) => (
            <div
              key={one.phase}
              className={classes.phase}
              data-phase={one.phase}
              style={{ left: percent(one.from), width: percent(one.to - one.from) }}
            >
              {one.phase}
            </div>
          ))}
        </div>
        {lanes.lanes.map((lane) => (
          <Lane key={lane.name} lane={lane} />
        ))}
        <div />
        <div className={classes.ticks}>
          {lanes.ticks.map((tick) => (
            <span key={tick.seconds} style={{ left: percent(tick.at), transform: `translateX(-${percent(tick.at)})` }}>
              {offset(tick.seconds)}
            </span>
          ))}
        </div>
      </div>
      <ol className={classes.entries} aria-label="What happens">
        {data.entries.map((entry, at) => {
          const Icon = ICON[entry.kind];
          return (
            <li key={at}>
              <span className="num" style={{ textAlign: "left" }} title={entry.at}>
                {offset(entry.after_seconds)}
              </span>
              <Icon size={16} stroke={1.6} aria-hidden className="soft" />
              <span style={{ overflowWrap: "anywhere" }}>{entry.text}</span>
            </li>
          );
        })}
      </ol>
      <Section title="What it looked at">
        <WatchedChart
          watched={data.watched}
          threshold={data.watched.threshold}
          bands={NO_BANDS}
          startMs={Date.parse(data.start)}
          endMs={Date.parse(data.end)}
        />
      </Section>
      <Section title="Messages">
        <Messages messages={data.messages} />
      </Section>
    </>
  );
}

function Lane({ lane }: { lane: ReturnType<typeof drillLanes>["lanes"][number] }) {
  return (
    <>
      <div className={classes.laneName}>{lane.name}</div>
      <div className={classes.lane}>
        {lane.told.map((one, at) => (
          <span
            key={at}
            className={classes.dot}
            data-over={one.over}
            style={{ left: percent(one.at) }}
            title={`${offset(one.entry.after_seconds)}: ${one.entry.text}`}
          />
        ))}
      </div>
    </>
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

/** Seconds since the incident began: `+5 min`. */
function offset(seconds: number): string {
  if (seconds === 0) return "0";
  return `${seconds < 0 ? "−" : "+"}${formatSeconds(Math.abs(seconds))}`;
}
