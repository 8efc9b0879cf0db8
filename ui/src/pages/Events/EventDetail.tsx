import { useApi } from "@/api/queries";
import type { DomainEvent } from "@/api/types";
import { CopyId } from "@/components/CopyId";
import { FactList } from "@/components/FactList";
import { FieldTable } from "@/components/FieldTable";
import { Go } from "@/components/Go";
import { Loaded, Notice } from "@/components/State";
import { AbsoluteTime } from "@/components/Time";
import { changes, partyText, statesText, valueText } from "@/model/events";
import classes from "./Events.module.css";

/** All that an event says. */
export function EventDetail({ id }: { id: string }) {
  const query = useApi<DomainEvent>(`events/${encodeURIComponent(id)}`);
  return (
    <Loaded query={query} what="the event">
      {(event) => <Shown event={event} />}
    </Loaded>
  );
}

function Shown({ event }: { event: DomainEvent }) {
  const differing = changes(event.before, event.after);
  const metadata = Object.entries(event.metadata).map(([name, value]) => [name, valueText(value)] as const);
  return (
    <div className={classes.detail}>
      {event.remarks.length > 0 && <Notice tone="warning">{event.remarks.join("; ")}</Notice>}
      <FactList
        facts={[
          ["Time", <AbsoluteTime key="time" time={event.time} />],
          ["Entity", event.entity && <EntityLink key="entity" entity={event.entity} />],
          ["States", statesText(event)],
          [
            "Actor",
            event.actor && (
              <Go to="/events" search={{ actor: partyText(event.actor) }}>
                {partyText(event.actor)}
              </Go>
            ),
          ],
          ["Sequence", event.sequence !== null && String(event.sequence)],
          [
            "Correlation id",
            event.correlation_id && (
              <span key="correlation" className="row">
                <Go to="/logs" search={{ query: `correlation.id:"${event.correlation_id}"` }}>
                  Logs
                </Go>
                <Go to="/events" search={{ correlation_id: event.correlation_id }}>
                  Events
                </Go>
                <CopyId id={event.correlation_id} label="correlation id" />
              </span>
            ),
          ],
          [
            "Trace",
            event.trace_id && (
              <Go to="/traces/$traceId" params={{ traceId: event.trace_id }} className="mono">
                {event.trace_id.slice(0, 8)}
              </Go>
            ),
          ],
          ["Service", event.service],
          ["Environment", event.environment],
          ["Received", <AbsoluteTime key="received" time={event.received_at} />],
          ["Position in the chain", String(event.position)],
          ["Event id", <CopyId key="id" id={event.id} whole label="event id" />],
        ]}
      />
      {differing.length > 0 && (
        <section aria-label="What changed">
          <h3>What changed</h3>
          <div className="table-wrap">
            <table className={`dense ${classes.rows}`}>
              <thead>
                <tr>
                  <th>Name</th>
                  <th>Before</th>
                  <th>After</th>
                </tr>
              </thead>
              <tbody>
                {differing.map((one) => (
                  <tr key={one.name}>
                    <th scope="row">{one.name}</th>
                    <td className="mono">{one.before || <span className="soft">–</span>}</td>
                    <td className="mono">{one.after || <span className="soft">–</span>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
      {metadata.length > 0 && <FieldTable title="Metadata" rows={metadata} />}
    </div>
  );
}

export function EntityLink({ entity }: { entity: { type: string; id: string } }) {
  return (
    <Go to="/events/entity" search={{ kind: entity.type, id: entity.id }} className="mono">
      {partyText(entity)}
    </Go>
  );
}
