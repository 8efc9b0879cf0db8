import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import type { ContractRow, VerifyReport } from "@/api/types";
import { Badge, type BadgeTone } from "@/components/Badge";
import { Go } from "@/components/Go";
import { ListBar, StateFilter, WordFilter } from "@/components/ListBar";
import { LongTable } from "@/components/LongTable";
import { Empty, NoneOfThese, Snippet } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatCount, formatExact } from "@/lib/format";
import { contractRows, placeOf, type RowState, stateCounts, STATES } from "@/model/verify";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Plan.module.css";
import type { PlanSearch } from "./url";

const WORDS: Record<RowState, string> = { never: "Never", stopped: "Stopped", unknown: "Undeclared", coming: "Coming" };
const TONES: Record<ContractRow["state"], BadgeTone> = {
  never: "bad",
  stopped: "bad",
  unknown: "warning",
  coming: "good",
};
const COLUMNS = [
  { label: "State" },
  { label: "Name" },
  { label: "Kind", wideOnly: true },
  { label: "Services", wideOnly: true },
  { label: "Owner", wideOnly: true },
  { label: "Count", numeric: true, wideOnly: true },
  { label: "Last seen" },
];

/** Everything that the plan declares, and what came undeclared, with how it comes. */
export function Contract({ report }: { report: VerifyReport }) {
  const { state, filter = "" } = useSearch({ strict: false }) as PlanSearch;
  const change = useSearchChange<PlanSearch>();
  const rows = useMemo(() => contractRows(report.rows, state, filter), [report.rows, state, filter]);
  const counts = stateCounts(report.rows);
  if (report.rows.length === 0)
    return (
      <Empty title="The plan declares nothing yet">
        Events, metrics, spans, health checks, probes and heartbeats that <code>midwatch.yml</code> declares stand here.
        <Snippet code="midwatch init && midwatch apply" label="the commands" />
      </Empty>
    );
  return (
    <>
      <ListBar>
        <StateFilter
          states={STATES}
          words={WORDS}
          counts={counts}
          total={report.rows.length}
          value={state}
          onChange={(next) => change({ state: next })}
        />
        <WordFilter
          what="the contract"
          hint="Name, kind, service or owner"
          value={filter}
          onChange={(words) => change({ filter: words }, true)}
        />
      </ListBar>
      {rows.length === 0 ? (
        <NoneOfThese what="rows" onAll={() => change({ state: undefined, filter: undefined })} />
      ) : (
        <LongTable
          label="Contract"
          what={["row", "rows"]}
          items={rows}
          columns={COLUMNS}
          row={(one) => <Row key={`${one.thing} ${one.name}`} row={one} />}
        />
      )}
    </>
  );
}

function Row({ row }: { row: ContractRow }) {
  const { state, name, thing, services, owner, count, last_seen: last, link } = row;
  const services_ = services.join(", ");
  return (
    <tr>
      <td>
        <Badge tone={TONES[state]}>{WORDS[state]}</Badge>
      </td>
      <td className={classes.name}>
        {link ? (
          <Go {...placeOf(link)} className="truncate" title={name}>
            {name}
          </Go>
        ) : (
          <span className="truncate" title={name}>
            {name}
          </span>
        )}
      </td>
      <td className="wide-only soft">{thing}</td>
      <td className="wide-only soft truncate" title={services_}>
        {services_}
      </td>
      <td className="wide-only soft truncate">{owner}</td>
      <td className="num wide-only" title={count === null ? undefined : formatExact(count)}>
        {count === null ? "–" : formatCount(count)}
      </td>
      <td>{last ? <RelativeTime time={last} /> : <span className="soft">never</span>}</td>
    </tr>
  );
}
