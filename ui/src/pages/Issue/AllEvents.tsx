import { Pill } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useScopedPages } from "@/api/queries";
import type { EventFacts, EventPage } from "@/api/types";
import { Go } from "@/components/Go";
import { More } from "@/components/More";
import { RowWindow } from "@/components/RowWindow";
import { Empty, Loaded, LookFurther } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { plural } from "@/lib/format";
import { useSearchChange } from "@/state/useOpened";
import classes from "./Issue.module.css";
import type { IssueSearch } from "./url";

const PAGE = 50;

/** The issue's events in the page's range, newest first; of a tag's value, where one was chosen. */
export function AllEvents({ id }: { id: number }) {
  const { tag } = useSearch({ strict: false }) as IssueSearch;
  const change = useSearchChange<IssueSearch>();
  const pages = useScopedPages<EventPage>(`issues/${id}/events`, { tag }, PAGE);
  const events = pages.data?.pages.flatMap((page) => page.events) ?? [];
  return (
    <>
      {tag && (
        <p className="row small" style={{ flexWrap: "wrap" }}>
          {tag.map((one) => (
            <Pill
              key={one}
              withRemoveButton
              removeButtonProps={{ "aria-label": `Without ${one}`, "aria-hidden": false, tabIndex: 0 }}
              onRemove={() => change({ tag: tag.length > 1 ? tag.filter((other) => other !== one) : undefined }, true)}
            >
              {one}
            </Pill>
          ))}
        </p>
      )}
      <Loaded
        query={pages}
        what="the events"
        empty={() =>
          events.length === 0 && (
            <Empty title="No events here" action={<LookFurther />}>
              {tag ? "None has this tag in this time range." : "None came in this time range."}
            </Empty>
          )
        }
      >
        {() => (
          <>
            <div className="table-wrap" tabIndex={0} role="region" aria-label="Events">
              <table className={`dense ${classes.events}`}>
                <thead>
                  <tr>
                    <th>Event</th>
                    <th>Said</th>
                    <th className="wide-only">User</th>
                    <th className="wide-only">Release</th>
                    <th className="wide-only">Where</th>
                    <th className="num">Time</th>
                  </tr>
                </thead>
                <RowWindow
                  count={events.length}
                  columns={6}
                  row={(at) => {
                    const event = events[at];
                    return (
                      event && (
                        <Row
                          key={event.event_id + event.time}
                          event={event}
                          onOpen={() => change({ tab: undefined, event: event.event_id })}
                        />
                      )
                    );
                  }}
                />
              </table>
            </div>
            <div className="row small soft" style={{ marginTop: 8 }} role="status">
              {plural(events.length, "event")} shown{pages.hasNextPage ? ", there are more" : ""}
              <More rows={pages} />
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}

function Row({ event, onOpen }: { event: EventFacts; onOpen: () => void }) {
  return (
    <tr>
      <td>
        <button type="button" className="row-open mono" title={event.event_id} onClick={onOpen}>
          {event.event_id.slice(0, 8)}
        </button>
      </td>
      <td className="truncate" title={event.value}>
        {event.value.split("\n", 1)[0] || event.title}
        {!event.whole && <span className="soft small"> (only counted)</span>}
      </td>
      <td className="wide-only truncate">{event.user}</td>
      <td className="wide-only truncate">{event.release}</td>
      <td className="wide-only truncate" title={event.url || event.transaction}>
        {event.url || event.transaction}{" "}
        {event.replay_id && (
          <Go to="/replays/$id" params={{ id: event.replay_id }} search={{ at: event.time }}>
            replay
          </Go>
        )}
      </td>
      <td className="num soft">
        <RelativeTime time={event.time} />
      </td>
    </tr>
  );
}
