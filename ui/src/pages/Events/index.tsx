import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useScopedPages } from "@/api/queries";
import type { DomainEvent, DomainEventPage } from "@/api/types";
import { AreaViews } from "@/components/AreaViews";
import { Badge } from "@/components/Badge";
import { LongTable } from "@/components/LongTable";
import { MoreBelow } from "@/components/More";
import { OpenedPage } from "@/components/Opened";
import { Empty, Loaded, NothingMatches, Snippet } from "@/components/State";
import { LookFurther } from "@/components/State/LookFurther";
import { RelativeTime } from "@/components/Time";
import { partyText, statesText } from "@/model/events";
import { useOpened, useSearchChange } from "@/state/useOpened";
import { ChainMark } from "./ChainMark";
import { EventDetail } from "./EventDetail";
import classes from "./Events.module.css";
import { EventFilters, ExportLinks } from "./Filters";
import { type EventsSearch, NO_FILTERS } from "./url";
import { EVENT_VIEWS } from "./views";

const PAGE = 100;
const NONE: readonly DomainEvent[] = [];
const COLUMNS = [
  { label: "Time" },
  { label: "Event" },
  { label: "Entity" },
  { label: "States", wideOnly: true },
  { label: "Actor", wideOnly: true },
  { label: "Service", wideOnly: true },
];

/** What has happened in the business, each event once; and whether anybody has changed it since. */
export function Events() {
  const search = useSearch({ strict: false }) as EventsSearch;
  const { type, entity, entity_id, actor, correlation_id, trace_id, acts } = search;
  const asked = { type, entity, entity_id, actor, correlation_id, trace_id, acts: acts && "true" };
  const params = Object.fromEntries(Object.entries(asked).filter(([, value]) => value)) as Record<string, string>;
  const pages = useScopedPages<DomainEventPage>("events", params, PAGE);
  const events = useMemo(() => pages.data?.pages.flatMap((page) => page.events) ?? NONE, [pages.data]);
  const opened = useOpened(useMemo(() => events.map((one) => one.id), [events]));
  const filtered = Object.keys(params).length > 0;
  return (
    <OpenedPage
      opened={opened}
      title="Events"
      heading="Events"
      actions={<ChainMark />}
      name={events.find((one) => one.id === opened.id)?.type ?? opened.id ?? "Event"}
      detail={opened.id !== undefined && <EventDetail key={opened.id} id={opened.id} />}
    >
      <AreaViews label="Events" views={EVENT_VIEWS} />
      <EventFilters />
      <Loaded query={pages} what="the events" empty={() => events.length === 0 && <Nothing filtered={filtered} />}>
        {() => (
          <LongTable
            label="Events"
            what={["event", "events"]}
            items={events}
            columns={COLUMNS}
            current={opened.at}
            more={
              <>
                <MoreBelow rows={pages} />
                <ExportLinks params={params} />
              </>
            }
            row={(one) => (
              <Row
                key={one.id}
                one={one}
                current={one.id === opened.current}
                open={one.id === opened.id}
                onOpen={() => opened.open(one.id)}
              />
            )}
          />
        )}
      </Loaded>
    </OpenedPage>
  );
}

function Row(props: { one: DomainEvent; current: boolean; open: boolean; onOpen: () => void }) {
  const { one } = props;
  return (
    <tr data-current={props.current} onClick={props.onOpen} className={classes.opens}>
      <td>
        <RelativeTime time={one.time} />
      </td>
      <td>
        <button type="button" className="row-open" aria-expanded={props.open} onClick={props.onOpen}>
          {one.type}
        </button>{" "}
        {one.remarks.length > 0 && (
          <Badge tone="warning" title={one.remarks.join("; ")}>
            {one.remarks[0]}
          </Badge>
        )}
      </td>
      <td className="mono truncate">{partyText(one.entity) || <span className="soft">–</span>}</td>
      <td className="wide-only">{statesText(one) || <span className="soft">–</span>}</td>
      <td className="wide-only mono truncate">{partyText(one.actor) || <span className="soft">–</span>}</td>
      <td className="wide-only soft">{one.service}</td>
    </tr>
  );
}

const EXAMPLE = `import midwatch

# once: midwatch events ddl | psql …
with Session(engine) as session:
    linkup.state = "locked"
    midwatch.outbox(session, "linkup.locked", entity=("linkup", linkup.id),
                    state_from="broadcasting", state_to="locked", actor="admin:7")
    session.commit()

midwatch.relay(engine)`;

function Nothing({ filtered }: { filtered: boolean }) {
  const change = useSearchChange<EventsSearch>();
  if (filtered) return <NothingMatches what="events" onClear={() => change(NO_FILTERS)} />;
  return (
    <Empty title="No events here" action={<LookFurther />}>
      No domain event came in this time range. An app writes them into its own database, in the transaction of the
      change that they tell of:
      <Snippet code={EXAMPLE} label="the example" />
    </Empty>
  );
}
