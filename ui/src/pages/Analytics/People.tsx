import { useSearch } from "@tanstack/react-router";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ApiError } from "@/api/client";
import type { PersonList, PersonRow } from "@/api/types";
import { CloseButton } from "@mantine/core";
import { Go } from "@/components/Go";
import { LongTable } from "@/components/LongTable";
import { Section } from "@/components/PageFrame";
import { Empty, Loaded } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatExact, formatSeconds, shortId } from "@/lib/format";
import { unitText } from "@/model/analytics";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Analytics.module.css";
import { ANSWERED, type AnalyticsSearch } from "./url";

const COLUMNS = [
  { label: "Who" },
  { label: "Events", numeric: true, wideOnly: true },
  { label: "Last seen" },
  { label: "Sessions", wideOnly: true },
  { label: "Traces", wideOnly: true },
  { label: "Errors", numeric: true },
];

/** Who is behind a number, with the sessions, traces and errors of each. */
export function Behind({ query, title }: { query: UseQueryResult<PersonList, ApiError>; title: ReactNode }) {
  const change = useSearchChange<AnalyticsSearch>();
  const { person } = useSearch({ strict: false }) as AnalyticsSearch;
  return (
    <Section
      title="Who is behind it"
      aside={
        <span className="row">
          {title}
          <CloseButton size="sm" aria-label="Close who is behind it" onClick={() => change(ANSWERED)} />
        </span>
      }
    >
      <Loaded
        query={query}
        what="who is behind it"
        empty={(data) => data.people.length === 0 && <Empty title="Nobody is behind this number" />}
      >
        {(data) => (
          <LongTable
            label="Who is behind it"
            what={["row", "rows"]}
            items={data.people}
            columns={COLUMNS}
            more={
              data.total > data.people.length && (
                <span>
                  the last of {formatExact(data.total)} {unitText(data.unit, data.total)}: narrow the question for the
                  others
                </span>
              )
            }
            row={(one) => (
              <Row
                key={one.person}
                one={one}
                current={one.person === person}
                onOpen={data.unit === "person" ? () => change({ person: one.person }) : undefined}
              />
            )}
          />
        )}
      </Loaded>
    </Section>
  );
}

function Row({ one, current, onOpen }: { one: PersonRow; current: boolean; onOpen?: (() => void) | undefined }) {
  return (
    <tr data-current={current}>
      <td className={classes.who}>
        {onOpen ? (
          <button type="button" className="row-open truncate" title={one.person} onClick={onOpen}>
            {one.name || one.person}
          </button>
        ) : (
          <span className="truncate" title={one.person}>
            {one.person}
          </span>
        )}
        {one.name && <p className="row-under truncate soft">{one.person}</p>}
      </td>
      <td className="num wide-only">{formatExact(one.events)}</td>
      <td>
        <RelativeTime time={one.last_seen} /> <span className="soft wide-only">{one.last_event}</span>
      </td>
      <td className="wide-only">
        {one.sessions.length === 0 && <span className="soft">–</span>}
        <span className={classes.links}>
          {one.sessions.map((session) => (
            <SessionLink key={session.id} id={session.id} seconds={session.duration_seconds} />
          ))}
        </span>
      </td>
      <td className="wide-only">
        <TraceLinks ids={one.trace_ids} />
      </td>
      <td className="num">
        {one.errors > 0 ? <span className="bad">{formatExact(one.errors)}</span> : <span className="soft">0</span>}
      </td>
    </tr>
  );
}

/** All events of a session. */
export function SessionLink({ id, seconds }: { id: string; seconds: number }) {
  return (
    <Go
      to="/analytics"
      search={{ tab: "events", query: `$session_id:"${id}"` }}
      title={`Events of session ${id}`}
      className="num"
    >
      {formatSeconds(seconds)}
    </Go>
  );
}

export function TraceLinks({ ids }: { ids: readonly string[] }) {
  if (ids.length === 0) return <span className="soft">–</span>;
  return (
    <span className={classes.links}>
      {ids.map((id) => (
        <Go key={id} to="/traces/$traceId" params={{ traceId: id }} className="mono" title={`Trace ${id}`}>
          {shortId(id)}
        </Go>
      ))}
    </span>
  );
}
