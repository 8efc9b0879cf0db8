import { IconArrowForwardUp, IconChevronDown, IconChevronRight, IconArrowRight } from "@tabler/icons-react";
import type { ReceiverShown, RouteAsked } from "@/api/types";
import { Go } from "@/components/Go";
import { RowWindow } from "@/components/RowWindow";
import { formatExact, formatSeconds, plural } from "@/lib/format";
import { type RouteRow, type Way, wayOf } from "@/model/routing";
import classes from "./Routing.module.css";

const COLUMNS = 5;
const INDENT = 18;
const DEPTH_SHOWN_MAX = 12;

/** Routes in the order in which they are asked, nested; only the rows in sight are in the document. */
export function RouteTree({
  rows,
  receivers,
  steps,
  current,
  onMark,
  onToggle,
}: {
  rows: readonly RouteRow[];
  receivers: ReadonlyMap<string, ReceiverShown>;
  /** What each route was asked, by its id; undefined where nothing is. */
  steps: ReadonlyMap<string, RouteAsked> | undefined;
  current: string | undefined;
  onMark: (id: string) => void;
  onToggle: (row: RouteRow) => void;
}) {
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label="Tree of routes">
      <table className={`dense ${classes.tree}`} role="treegrid" aria-label="Routes">
        <thead>
          <tr>
            <th>Alerts that match</th>
            <th className={classes.receiver}>Receiver</th>
            <th className={`${classes.grouped} wide-only`}>Grouped by</th>
            <th className={`${classes.timings} wide-only`}>Wait · interval · repeat</th>
            <th className={`num ${classes.firing}`}>Firing</th>
          </tr>
        </thead>
        <RowWindow
          count={rows.length}
          columns={COLUMNS}
          current={rows.findIndex((row) => row.route.id === current)}
          row={(at) => {
            const row = rows[at];
            if (row === undefined) return null;
            const { id, receiver } = row.route;
            return (
              <Row
                key={id}
                row={row}
                receiver={receivers.get(receiver)}
                asked={steps && (steps.get(id) ?? null)}
                current={id === current}
                onMark={() => onMark(id)}
                onToggle={() => onToggle(row)}
              />
            );
          }}
        />
      </table>
    </div>
  );
}

function Row(props: {
  row: RouteRow;
  receiver: ReceiverShown | undefined;
  /** Null: it is not on the way; undefined: nothing was asked. */
  asked: RouteAsked | null | undefined;
  current: boolean;
  onMark: () => void;
  onToggle: () => void;
}) {
  const { row, asked } = props;
  const { route, depth, below, above, closed } = row;
  const way = asked === undefined ? undefined : wayOf(asked ?? undefined);
  const grouped = groupedText(route.group_by);
  const timings = timingsText(route);
  return (
    <tr
      role="row"
      aria-level={depth + 1}
      aria-selected={props.current}
      aria-expanded={below > 0 ? !closed : undefined}
      data-current={props.current}
      data-way={way}
      onClick={props.onMark}
    >
      <td role="gridcell" className={classes.match}>
        <div className={classes.node} style={{ paddingLeft: Math.min(depth, DEPTH_SHOWN_MAX) * INDENT }}>
          {below > 0 && depth > 0 ? (
            <button
              type="button"
              className={classes.toggle}
              aria-label={closed ? `Show ${plural(below, "route")} below` : "Hide the routes below"}
              onClick={(event) => {
                event.stopPropagation();
                props.onToggle();
              }}
            >
              {closed ? <IconChevronRight size={14} /> : <IconChevronDown size={14} />}
            </button>
          ) : (
            <span className={classes.toggle} />
          )}
          <div>
            <span className={route.matchers ? "mono" : "soft"}>
              {route.matchers || (depth === 0 ? "Everything" : "Everything else")}
            </span>
            {closed && <span className="small soft"> {plural(below, "route")} below</span>}
            {route.goes_on && (
              <span className={classes.goesOn} title="continue: the routes after it are asked, too">
                <IconArrowForwardUp size={13} aria-hidden /> continue
              </span>
            )}
            <Times route={row.route} />
            {way && <Said way={way} failed={asked?.failed} matchers={route.matchers} />}
          </div>
        </div>
      </td>
      <td role="gridcell" className={classes.receiver}>
        <span className={above?.receiver === route.receiver ? "soft" : ""}>{route.receiver}</span>
        {props.receiver && above?.receiver !== route.receiver && <Kinds receiver={props.receiver} />}
      </td>
      <td role="gridcell" className={`wide-only ${above && groupedText(above.group_by) === grouped ? "soft" : ""}`}>
        {grouped}
      </td>
      <td role="gridcell" className={`wide-only num ${above && timingsText(above) === timings ? "soft" : ""}`}>
        {timings}
      </td>
      <td role="gridcell" className="num">
        {route.alerts > 0 ? (
          <Go to="/alerts" search={{ filter: route.receiver }}>
            {formatExact(route.alerts)}
          </Go>
        ) : (
          <span className="soft">0</span>
        )}
      </td>
    </tr>
  );
}

/** What it does with the alert that is asked about; of most only to who cannot see that they are dim. */
function Said({ way, failed, matchers }: { way: Way; failed: string | null | undefined; matchers: string }) {
  if (way === "told")
    return (
      <span className={classes.way}>
        <IconArrowRight size={13} aria-hidden /> goes here
      </span>
    );
  if (way === "refuses" && failed !== matchers)
    return <span className={`${classes.way} mono`}>{failed} does not hold</span>;
  return way === "leads" ? null : (
    <span className="visually-hidden">{way === "refuses" ? "does not hold" : "not asked"}</span>
  );
}

/** The intervals of time that mute it, and whether one does now. */
function Times({ route }: { route: RouteRow["route"] }) {
  if (route.mute_times.length + route.active_times.length === 0) return null;
  const now = route.muted_by.length > 0;
  return (
    <span className={`${classes.times} ${now ? "warning" : "soft"}`}>
      {route.mute_times.length > 0 && `muted in ${route.mute_times.join(", ")}`}
      {route.mute_times.length > 0 && route.active_times.length > 0 && " · "}
      {route.active_times.length > 0 && `active in ${route.active_times.join(", ")}`}
      {now && ": muted now"}
    </span>
  );
}

function Kinds({ receiver }: { receiver: ReceiverShown }) {
  const kinds = [...new Set(receiver.integrations.map((one) => one.replace(/\[\d+\]$/, "")))];
  return (
    <p className={classes.kinds}>
      {kinds.length > 0 ? kinds.join(", ") : "the page alone"}
      {receiver.unsupported.length > 0 && (
        <span className="warning"> cannot deliver by {receiver.unsupported.join(", ")}</span>
      )}
    </p>
  );
}

function groupedText(by: readonly string[]): string {
  if (by.length === 0) return "all together";
  return by[0] === "..." ? "every label" : by.join(", ");
}

function timingsText(route: RouteRow["route"]): string {
  return [route.group_wait_seconds, route.group_interval_seconds, route.repeat_interval_seconds]
    .map((seconds) => formatSeconds(seconds))
    .join(" · ");
}
