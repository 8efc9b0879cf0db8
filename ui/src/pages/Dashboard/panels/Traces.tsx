import { Link } from "@tanstack/react-router";
import { RelativeTime } from "@/components/Time";
import { formatNanos } from "@/lib/format";
import type { PanelProps } from ".";
import classes from "../Dashboard.module.css";

/** Traces that a search finds; each opens. */
export function Traces({ data }: PanelProps<"traces">) {
  if (data.traces.length === 0) return <p className={classes.why}>No traces in this time range</p>;
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label="Traces">
      <table className="dense">
        <tbody>
          {data.traces.map((one) => (
            <tr key={one.trace_id}>
              <td>
                <Link to="/traces/$traceId" params={{ traceId: one.trace_id }}>
                  {one.root_operation || one.trace_id.slice(0, 8)}
                </Link>
              </td>
              <td>{one.root_service}</td>
              <td className="num">{formatNanos(one.duration_ns)}</td>
              <td>
                <RelativeTime time={one.start} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
