import { useSearch } from "@tanstack/react-router";
import { useScopedApi } from "@/api/queries";
import type { DomainEvent, EntityHistory } from "@/api/types";
import { Badge } from "@/components/Badge";
import { Figure, Figures } from "@/components/Figure";
import { Go } from "@/components/Go";
import { PageFrame } from "@/components/PageFrame";
import { Empty, Loaded, Notice } from "@/components/State";
import { AbsoluteTime, RelativeTime } from "@/components/Time";
import { formatSeconds } from "@/lib/format";
import { partyText, statesText, valueText } from "@/model/events";
import classes from "./Events.module.css";
import type { EntitySearch } from "./url";

/** The story of one entity: its states in order, whenever they were. */
export function Entity() {
  const { kind = "", id = "" } = useSearch({ strict: false }) as EntitySearch;
  const path = `entities/${encodeURIComponent(kind)}/${encodeURIComponent(id)}`;
  const query = useScopedApi<EntityHistory>(path, {}, { enabled: kind !== "" && id !== "" });
  const name = partyText({ type: kind, id });
  if (!kind || !id)
    return (
      <PageFrame title="Entity">
        <Empty
          title="Cannot find the entity"
          action={
            <Go to="/events" className="among">
              Show all events
            </Go>
          }
        >
          The address has no kind and id.
        </Empty>
      </PageFrame>
    );
  return (
    <PageFrame
      title={name}
      actions={
        <span className="row">
          <Go to="/events/states" search={{ kind }}>
            States of {kind}
          </Go>
          <Go to="/events" search={{ entity: kind, entity_id: id }}>
            As a list
          </Go>
        </span>
      }
    >
      <Loaded
        query={query}
        what={name}
        empty={(data) =>
          data.events.length === 0 && (
            <Empty title={`Nothing has happened to ${name}`}>
              No event names it; in other environments there may be some.
            </Empty>
          )
        }
      >
        {(data) => (
          <>
            <Figures>
              <Figure label="State" note={data.stuck && <Badge tone="bad">stuck</Badge>}>
                {data.state ?? "–"}
              </Figure>
              <Figure label="Since">
                <RelativeTime time={data.since} />
              </Figure>
              {data.stuck_after_seconds !== null && (
                <Figure label="Stuck after">{formatSeconds(data.stuck_after_seconds)}</Figure>
              )}
            </Figures>
            <ol className={classes.story}>
              {data.events.map((event) => (
                <Step key={event.id} event={event} />
              ))}
            </ol>
            {data.more && <Notice>Older events are not shown: the list of events has them all.</Notice>}
          </>
        )}
      </Loaded>
    </PageFrame>
  );
}

function Step({ event }: { event: DomainEvent }) {
  const metadata = Object.entries(event.metadata);
  return (
    <li data-state={event.to_state !== ""} data-wrong={event.remarks.length > 0}>
      <div className="row">
        <Go to="/events" search={{ open: event.id, entity: event.entity?.type, entity_id: event.entity?.id }}>
          {event.type}
        </Go>
        {event.to_state && <strong>{statesText(event)}</strong>}
        {event.remarks.map((remark) => (
          <Badge key={remark} tone="warning">
            {remark}
          </Badge>
        ))}
      </div>
      <div className="small soft row">
        <AbsoluteTime time={event.time} />
        {event.actor && <span>by {partyText(event.actor)}</span>}
        {event.environment && <span>{event.environment}</span>}
        {event.trace_id && (
          <Go to="/traces/$traceId" params={{ traceId: event.trace_id }}>
            Trace
          </Go>
        )}
      </div>
      {metadata.length > 0 && (
        <div className="small soft">{metadata.map(([name, value]) => `${name}=${valueText(value)}`).join(" · ")}</div>
      )}
    </li>
  );
}
