import { useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useScopedPages, useTakeBack } from "@/api/queries";
import type { ProductEvent, ProductEventPage } from "@/api/types";
import { LongTable } from "@/components/LongTable";
import { MoreBelow } from "@/components/More";
import { NoRows, Notice } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { readRef } from "@/model/analytics";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Analytics.module.css";
import { EventPicker, QueryField, useEventNames } from "./EventPicker";
import { NoEvents } from "./NoEvents";
import { TraceLinks } from "./People";
import { ANSWERED, type AnalyticsSearch } from "./url";

const PAGE = 100;
const COLUMNS = [
  { label: "Time" },
  { label: "Event" },
  { label: "Who" },
  { label: "Where", wideOnly: true },
  { label: "Trace", wideOnly: true },
];

/** The latest product events, with all that they carry; followed while the page is live. */
export function Events() {
  const { event = "", query: text = "", person } = useSearch({ strict: false }) as AnalyticsSearch;
  const change = useSearchChange<AnalyticsSearch>();
  const { again } = useTakeBack("analytics/events");
  const ref = readRef(event);
  const query = [ref.query, text].filter(Boolean).join(" AND ");
  const pages = useScopedPages<ProductEventPage>("analytics/events", { event: ref.event, query }, PAGE);
  const events = useMemo(() => pages.data?.pages.flatMap((page) => page.events) ?? [], [pages.data]);
  const names = useEventNames();
  if (names.data?.events.length === 0 && !event && !text) return <NoEvents />;
  return (
    <>
      <div className={classes.question}>
        <EventPicker
          label="event"
          any="Every event"
          value={event}
          onChange={(next) => change({ event: next || undefined, ...ANSWERED })}
        />
        <QueryField
          key={text}
          label="Search events"
          value={text}
          placeholder="plan:pro $browser:Chrome distinct_id:user-1"
          onChange={(next) => change({ query: next || undefined, ...ANSWERED })}
        />
      </div>
      {pages.error?.problem.code === "bad_query" && <Notice tone="bad">{pages.error.message}</Notice>}
      {events.length === 0 ? (
        <NoRows
          search={pages}
          what="events"
          nothing="No product event came in this time range."
          query={query}
          onQuery={(next) => change({ query: next || undefined, event: undefined })}
          onAgain={again}
        />
      ) : (
        <LongTable
          label="Latest events"
          what={["event", "events"]}
          items={events}
          columns={COLUMNS}
          more={pages.hasNextPage && <MoreBelow rows={pages} />}
          row={(one) => (
            <Row
              key={one.id}
              one={one}
              current={one.person === person}
              onPerson={() => change({ person: one.person })}
            />
          )}
        />
      )}
    </>
  );
}

function Row({ one, current, onPerson }: { one: ProductEvent; current: boolean; onPerson: () => void }) {
  const [open, setOpen] = useState(false);
  return (
    <tr data-current={current}>
      <td>
        <RelativeTime time={one.timestamp} />
      </td>
      <td className={classes.eventName}>
        <button type="button" className="row-open" aria-expanded={open} onClick={() => setOpen(!open)}>
          {one.event}
        </button>
        {open && (
          <dl className={classes.properties}>
            {[...Object.entries(one.properties), ...Object.entries(one.flags).map(([k, v]) => [`flag ${k}`, v])].map(
              ([name, value]) => (
                <div key={String(name)}>
                  <dt>{String(name)}</dt>
                  <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
                </div>
              ),
            )}
          </dl>
        )}
      </td>
      <td className={classes.who}>
        <button type="button" className="row-open truncate" title={one.person} onClick={onPerson}>
          {one.person}
        </button>
      </td>
      <td className={`wide-only soft ${classes.where}`}>
        <span className="truncate" title={one.url || one.service}>
          {one.url || one.service}
        </span>
      </td>
      <td className="wide-only">
        <TraceLinks ids={one.trace_id ? [one.trace_id] : []} />
      </td>
    </tr>
  );
}
