import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { LIVE_MS, useApi } from "@/api/queries";
import type { ProbeList, ProbeSummary } from "@/api/types";
import { HealthMark } from "@/components/HealthMark";
import { ListBar, StateFilter, WordFilter } from "@/components/ListBar";
import { LongTable } from "@/components/LongTable";
import { OpenedPage } from "@/components/Opened";
import { Sparkline } from "@/components/Sparkline";
import { Loaded, NoneOfThese } from "@/components/State";
import { useNow } from "@/components/Time";
import { formatExact, formatSeconds, NOT_MEASURED } from "@/lib/format";
import {
  availabilityText,
  certificate,
  counted,
  lookedAt,
  PROBE_HEALTH,
  PROBE_STATES,
  type ProbeState,
  shownProbes,
} from "@/model/uptime";
import { useOpened, useSearchChange } from "@/state/useOpened";
import { NoProbes } from "./Empties";
import { useLatencies } from "./latency";
import { ProbeDetail } from "./ProbeDetail";
import classes from "./Uptime.module.css";
import type { ProbesSearch } from "./url";
import { UptimeViews } from "./UptimeViews";

const NONE: readonly ProbeSummary[] = [];
const COLUMNS = [
  { label: "State" },
  { label: "Probe" },
  { label: "Latency", wideOnly: true },
  { label: "Last", numeric: true, wideOnly: true },
  { label: "30 days up", numeric: true },
  { label: "Certificate", numeric: true, wideOnly: true },
  { label: "Locations", wideOnly: true },
];
const WORDS: Record<ProbeState, string> = { down: "Down", unknown: "Unknown", new: "New", up: "Up" };

/** What is looked at from outside, as it stands now: it asks again by itself, live or not. */
export function Uptime() {
  const { state, filter = "" } = useSearch({ strict: false }) as ProbesSearch;
  const change = useSearchChange<ProbesSearch>();
  const query = useApi<ProbeList>("probes", {}, { everyMs: LIVE_MS });
  const probes = query.data?.probes ?? NONE;
  const rows = useMemo(() => shownProbes(probes, state, filter), [probes, state, filter]);
  const counts = useMemo(() => counted(probes, PROBE_STATES, (one) => one.state), [probes]);
  const opened = useOpened(useMemo(() => rows.map((one) => one.name), [rows]));
  const latencies = useLatencies();
  const now = useNow();
  return (
    <OpenedPage
      opened={opened}
      title="Uptime"
      name={opened.id ?? ""}
      detail={opened.id !== undefined && <ProbeDetail name={opened.id} here={query.data?.location} />}
    >
      <UptimeViews />
      <Loaded query={query} what="the probes" empty={(data) => data.probes.length === 0 && <NoProbes />}>
        {(data) => (
          <>
            <ListBar>
              <StateFilter
                states={PROBE_STATES}
                words={WORDS}
                counts={counts}
                total={data.probes.length}
                value={state}
                onChange={(next) => change({ state: next })}
              />
              <WordFilter
                what="probes"
                hint="Name, address, label or reason"
                value={filter}
                onChange={(words) => change({ filter: words }, true)}
              />
            </ListBar>
            {rows.length === 0 ? (
              <NoneOfThese what="probes" onAll={() => change({ state: undefined, filter: undefined })} />
            ) : (
              <LongTable
                label="Probes"
                what={["probe", "probes"]}
                items={rows}
                columns={COLUMNS}
                current={opened.at}
                row={(one) => (
                  <Row
                    key={one.name}
                    probe={one}
                    latencies={latencies.get(one.name)}
                    now={now}
                    current={one.name === opened.current}
                    onOpen={() => opened.open(one.name)}
                  />
                )}
              />
            )}
          </>
        )}
      </Loaded>
    </OpenedPage>
  );
}

function Row({
  probe,
  latencies = [],
  now,
  current,
  onOpen,
}: {
  probe: ProbeSummary;
  latencies?: readonly number[];
  now: number;
  current: boolean;
  onOpen: () => void;
}) {
  const { name, target, state, reason, detail, availability, flapping } = probe;
  const expiry = certificate(probe.certificate_expires, now);
  const took = probe.locations.flatMap(({ last }) => (last ? [last.seconds] : []));
  return (
    <tr className={classes.row} data-current={current} onClick={onOpen}>
      <td>
        <HealthMark health={PROBE_HEALTH[state]} word={state} />
      </td>
      <td className={classes.name}>
        <button type="button" className="row-open truncate" title={name}>
          {name}
          {flapping && <span className="small warning"> flapping</span>}
        </button>
        {state === "up" || state === "new" ? (
          <p className="row-under truncate soft" title={target}>
            {lookedAt(probe)}
          </p>
        ) : (
          <p className={`row-under truncate ${state === "down" ? "bad" : "warning"}`} title={detail}>
            {reason}
            {detail && `: ${detail}`}
          </p>
        )}
      </td>
      <td className="wide-only">
        <Sparkline values={latencies} color={state === "down" ? "var(--bad-line)" : undefined} />
      </td>
      <td className="num wide-only">{took.length > 0 ? formatSeconds(Math.max(...took)) : NOT_MEASURED}</td>
      <td className="num" title={availability === null ? "not measured yet" : `${formatExact(availability * 100)} %`}>
        {availabilityText(availability)}
      </td>
      <td className="num wide-only">
        {expiry ? (
          <span className={expiry.tone === "good" ? undefined : expiry.tone}>{expiry.text}</span>
        ) : (
          <span className="soft">{NOT_MEASURED}</span>
        )}
      </td>
      <td className="wide-only">
        <Places probe={probe} />
      </td>
    </tr>
  );
}

/** The names where they are few; how many are down where they are not at one. */
function Places({ probe: { locations } }: { probe: ProbeSummary }) {
  const down = locations.filter((one) => one.state === "down").length;
  const silent = locations.filter((one) => one.silent).length;
  const names = locations.map((one) => one.location).join(", ");
  if (down > 0 && locations.length > 1)
    return (
      <span className="bad" title={names}>
        down at {down} of {locations.length}
      </span>
    );
  if (silent > 0)
    return (
      <span className="warning" title={names}>
        {silent} of {locations.length} silent
      </span>
    );
  return <span className="soft">{locations.length > 2 ? locations.length : names || NOT_MEASURED}</span>;
}
