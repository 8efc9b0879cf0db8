import { VisuallyHidden } from "@mantine/core";
import { useSearch } from "@tanstack/react-router";
import { useScopedApi } from "@/api/queries";
import type { EntityKinds, StateMachine } from "@/api/types";
import { AreaViews } from "@/components/AreaViews";
import { Badge } from "@/components/Badge";
import { Go } from "@/components/Go";
import { PageFrame, Section } from "@/components/PageFrame";
import { Sparkline } from "@/components/Sparkline";
import { Empty, InForce, Loaded, LookFurther, Notice, Snippet } from "@/components/State";
import { RelativeTime } from "@/components/Time";
import { formatExact, formatShare, formatSeconds } from "@/lib/format";
import { BEGINNING, matrixOf, partyText, statesText } from "@/model/events";
import classes from "./Events.module.css";
import type { StatesSearch } from "./url";
import { EVENT_VIEWS } from "./views";

/** Which states entities are in now, what led from one to another in the range, and what should not have. */
export function States() {
  const { kind } = useSearch({ strict: false }) as StatesSearch;
  const query = useScopedApi<EntityKinds>("entities");
  return (
    <PageFrame title={kind ? `${kind} · States` : "States"} heading="Events">
      <AreaViews label="Events" views={EVENT_VIEWS} />
      <Loaded query={query} what="the kinds of entities" empty={(data) => data.kinds.length === 0 && <NoKinds />}>
        {(data) => {
          const shown = kind ?? data.kinds[0]?.type ?? "";
          return (
            <>
              <nav className={classes.kinds} aria-label="Kinds of entities">
                {data.kinds.map((one) => (
                  <Go
                    key={one.type}
                    to="/events/states"
                    search={{ kind: one.type }}
                    className={classes.kind}
                    aria-current={one.type === shown ? "page" : undefined}
                  >
                    {one.type} <span className="soft num">{formatExact(one.entities)}</span>
                    {one.stuck > 0 && <Badge tone="bad">{formatExact(one.stuck)} stuck</Badge>}
                    {one.illegal > 0 && <Badge tone="warning">{formatExact(one.illegal)} illegal</Badge>}
                  </Go>
                ))}
              </nav>
              <Machine key={shown} kind={shown} />
            </>
          );
        }}
      </Loaded>
    </PageFrame>
  );
}

function Machine({ kind }: { kind: string }) {
  const query = useScopedApi<StateMachine>(`entities/${encodeURIComponent(kind)}`);
  return (
    <Loaded
      query={query}
      what={`the states of ${kind}`}
      empty={(data) =>
        data.states.length === 0 &&
        data.transitions.length === 0 && (
          <Empty title={`No states of ${kind} in this time range`} action={<LookFurther />}>
            Events with <code>to</code> tell of them; none came.
          </Empty>
        )
      }
    >
      {(data) => (
        <>
          {data.description && <p className="soft">{data.description}</p>}
          {!data.planned && (
            <Notice>
              The plan says nothing of {kind}: with <code>entities</code> in its <code>midwatch.yml</code> it is known
              what is illegal and who is stuck.
            </Notice>
          )}
          {data.partial && <Notice tone="warning">There is more than is shown: choose a shorter range.</Notice>}
          <Now machine={data} />
          <Moves machine={data} />
          <Stuck machine={data} />
          <Illegal machine={data} />
        </>
      )}
    </Loaded>
  );
}

function Now({ machine }: { machine: StateMachine }) {
  return (
    <Section title="States now">
      <div className="table-wrap" tabIndex={0} role="region" aria-label="States now">
        <table className={`dense ${classes.rows}`}>
          <thead>
            <tr>
              <th>State</th>
              <th className="num">Entities</th>
              <th className="num">Share</th>
              <th className={classes.wide}>
                <VisuallyHidden>Share as a bar</VisuallyHidden>
              </th>
              <th className="num">Stuck</th>
            </tr>
          </thead>
          <tbody>
            {machine.states.map((one) => (
              <tr key={one.state}>
                <th scope="row">
                  {one.state} {one.initial && <Badge tone="none">initial</Badge>}{" "}
                  {one.terminal && <Badge tone="none">end</Badge>}{" "}
                  {!one.known && <Badge tone="warning">not in the plan</Badge>}
                </th>
                <td className="num">{formatExact(one.entities)}</td>
                <td className="num soft">{formatShare(one.share)}</td>
                <td className={classes.wide}>
                  <span className={classes.bar} style={{ width: `${one.share * 100}%` }} aria-hidden />
                </td>
                <td className="num">
                  {one.stuck_after_seconds === null ? (
                    <span className="soft">–</span>
                  ) : (
                    <span
                      className={one.stuck > 0 ? "bad" : "soft"}
                      title={`longer than ${formatSeconds(one.stuck_after_seconds)}`}
                    >
                      {formatExact(one.stuck)}
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Moves({ machine }: { machine: StateMachine }) {
  const matrix = matrixOf(machine);
  if (matrix.to.length === 0)
    return (
      <Section title="Transitions">
        <Empty title="No transitions in this time range" action={<LookFurther />} />
      </Section>
    );
  return (
    <Section title="Transitions" aside="rows lead to columns; of all that left a state, where they went">
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Transitions">
        <table className={`dense ${classes.rows} ${classes.matrix}`}>
          <thead>
            <tr>
              <th>From</th>
              {matrix.to.map((after) => (
                <th key={after} className="num">
                  {after}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.from.map((before) => (
              <tr key={before}>
                <th scope="row">{before || <span className="soft">{BEGINNING}</span>}</th>
                {matrix.to.map((after) => {
                  const cell = matrix.cell(before, after);
                  return (
                    <td key={after} className="num" data-legal={cell?.legal} data-empty={!cell?.count}>
                      {cell === undefined ? (
                        <span aria-hidden>·</span>
                      ) : (
                        <>
                          <span title={cell.legal ? undefined : "illegal"}>
                            {formatExact(cell.count)}
                            {!cell.legal && <span className="small"> illegal</span>}
                          </span>
                          {cell.count > 0 && (
                            <span className={classes.share}>
                              {formatShare(cell.share)} <Sparkline values={cell.points} width={48} height={14} />
                            </span>
                          )}
                        </>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Stuck({ machine }: { machine: StateMachine }) {
  const thresholds = machine.states.some((one) => one.stuck_after_seconds !== null);
  if (!thresholds) return null;
  const total = machine.states.reduce((sum, one) => sum + one.stuck, 0);
  return (
    <Section title="Stuck" aside={total > machine.stuck.length && `the ${machine.stuck.length} longest of ${total}`}>
      {machine.stuck.length === 0 ? (
        <p className="soft">Nobody is in a state for longer than the plan allows.</p>
      ) : (
        <div className="table-wrap" tabIndex={0} role="region" aria-label="Stuck">
          <table className="dense">
            <thead>
              <tr>
                <th>Entity</th>
                <th>State</th>
                <th>Since</th>
                <th className="wide-only">Environment</th>
              </tr>
            </thead>
            <tbody>
              {machine.stuck.map((one) => (
                <tr key={`${one.environment} ${one.id}`}>
                  <td className="mono">
                    <Go to="/events/entity" search={{ kind: machine.type, id: one.id }}>
                      {partyText({ type: machine.type, id: one.id })}
                    </Go>
                  </td>
                  <td>{one.state}</td>
                  <td>
                    <RelativeTime time={one.since} />
                  </td>
                  <td className="wide-only soft">{one.environment || "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

function Illegal({ machine }: { machine: StateMachine }) {
  if (machine.illegal.length === 0) return null;
  return (
    <Section title="Illegal transitions" aside="the newest">
      <div className="table-wrap" tabIndex={0} role="region" aria-label="Illegal transitions">
        <table className="dense">
          <thead>
            <tr>
              <th>Time</th>
              <th>Entity</th>
              <th>States</th>
              <th className="wide-only">Event</th>
            </tr>
          </thead>
          <tbody>
            {machine.illegal.map((one) => (
              <tr key={one.id}>
                <td>
                  <RelativeTime time={one.time} />
                </td>
                <td className="mono">
                  {one.entity && (
                    <Go to="/events/entity" search={{ kind: one.entity.type, id: one.entity.id }}>
                      {partyText(one.entity)}
                    </Go>
                  )}
                </td>
                <td>{statesText(one)}</td>
                <td className="wide-only">
                  <Go to="/events" search={{ open: one.id, entity: machine.type }}>
                    {one.type}
                  </Go>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

const EXAMPLE = `entities:
  linkup:
    states: [created, broadcasting, locked, expired]
    initial: created
    transitions:
      created: [broadcasting]
      broadcasting: [locked, expired]
    stuck_after: {broadcasting: 2h}`;

function NoKinds() {
  return (
    <Empty title="No entities yet">
      Events that name an entity and the state that it is in now make its kind appear here. The plan says which states
      there are:
      <Snippet code={EXAMPLE} label="the part of the plan" />
      <InForce />
    </Empty>
  );
}
