import { useScopedApi } from "@/api/queries";
import type { PersonDetail as Detail } from "@/api/types";
import { CopyId } from "@/components/CopyId";
import { Figure, Figures } from "@/components/Figure";
import { Go } from "@/components/Go";
import { Section } from "@/components/PageFrame";
import { Loaded } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatExact } from "@/lib/format";
import { storySearch } from "@/model/story";
import classes from "./Analytics.module.css";
import { SessionLink, TraceLinks } from "./People";

/** One person: what is known of them, and all that they did in the time range. */
export function PersonDetail({ person }: { person: string }) {
  const query = useScopedApi<Detail>(`analytics/people/${encodeURIComponent(person)}`);
  return (
    <Loaded query={query} what="the person">
      {(data) => (
        <>
          <Figures>
            <Figure label="Events">{formatExact(data.events)}</Figure>
            <Figure label="First seen">
              <RelativeTime time={data.first_seen} />
            </Figure>
            <Figure label="Last seen">
              <RelativeTime time={data.last_seen} />
            </Figure>
            <Figure label="Errors">
              <span className={data.errors.length > 0 ? "bad" : undefined}>{formatExact(data.errors.length)}</span>
            </Figure>
          </Figures>
          <Section title="Distinct ids" aside="that are this person">
            <ul className={classes.plain}>
              {data.distinct_ids.map((id) => (
                <li key={id}>
                  <CopyId id={id} whole label="distinct id" />{" "}
                  <Go to="/story" search={storySearch("user", id)} className="small">
                    Story
                  </Go>
                </li>
              ))}
            </ul>
          </Section>
          {Object.keys(data.properties).length > 0 && (
            <Section title="Properties">
              <table className="dense">
                <tbody>
                  {Object.entries(data.properties).map(([name, value]) => (
                    <tr key={name}>
                      <td className="soft">{name}</td>
                      <td className={classes.value}>{value}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Section>
          )}
          {data.errors.length > 0 && (
            <Section title="Errors" aside="in their sessions and traces">
              <ul className={classes.plain}>
                {data.errors.map((one) => (
                  <li key={one.event_id} className="spread">
                    <Go to="/errors/event/$eventId" params={{ eventId: one.event_id }} className="bad">
                      {one.title}
                    </Go>
                    <span className="row small soft">
                      {one.service} <RelativeTime time={one.timestamp} />
                      {one.trace_id && <TraceLinks ids={[one.trace_id]} />}
                    </span>
                  </li>
                ))}
              </ul>
            </Section>
          )}
          {data.sessions.length > 0 && (
            <Section title="Sessions">
              <ul className={classes.plain}>
                {data.sessions.map((one) => (
                  <li key={one.id} className="spread">
                    <span className="mono truncate">{one.id}</span>
                    <span className="row small">
                      <RelativeTime time={one.start} /> <SessionLink id={one.id} seconds={one.duration_seconds} />
                    </span>
                  </li>
                ))}
              </ul>
            </Section>
          )}
          {data.trace_ids.length > 0 && (
            <Section title="Traces">
              <TraceLinks ids={data.trace_ids} />
            </Section>
          )}
          <Section
            title="Latest events"
            aside={
              <Go to="/analytics" search={{ tab: "events", query: whoseQuery(data.distinct_ids) }}>
                All of them
              </Go>
            }
          >
            <ul className={classes.plain}>
              {data.latest.map((one) => (
                <li key={one.id} className="spread">
                  <span>
                    {one.event} <span className="soft small">{one.url}</span>
                  </span>
                  <span className="small soft">
                    <RelativeTime time={one.timestamp} />
                  </span>
                </li>
              ))}
            </ul>
          </Section>
        </>
      )}
    </Loaded>
  );
}

const IDS_SHOWN = 20;

function whoseQuery(ids: readonly string[]): string {
  return ids
    .slice(0, IDS_SHOWN)
    .map((id) => `distinct_id:"${id.replace(/(["\\])/g, "\\$1")}"`)
    .join(" OR ");
}
