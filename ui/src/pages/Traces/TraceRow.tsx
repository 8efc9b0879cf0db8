import type { TraceSummary } from "@/api/types";
import { Go } from "@/components/Go";
import { RelativeTime } from "@/components/Time";
import { seriesColor } from "@/lib/colors";
import { formatExact, formatNanos, truncateMiddle } from "@/lib/format";
import classes from "./Traces.module.css";

const SERVICES_SHOWN = 3;

export function TraceRow({ trace, current, longest }: { trace: TraceSummary; current: boolean; longest: number }) {
  const more = trace.services.slice(SERVICES_SHOWN);
  return (
    <tr data-current={current} aria-selected={current}>
      <td>
        <Go to="/traces/$traceId" params={{ traceId: trace.trace_id }}>
          {trace.root_operation ? truncateMiddle(trace.root_operation, 48) : "root has not arrived"}
        </Go>{" "}
        <span className="soft small">{trace.root_service}</span>
      </td>
      <td className={classes.duration} title={`${formatExact(trace.duration_ns)} ns`}>
        <span
          className={classes.bar}
          data-error={trace.error_count > 0}
          style={{ width: `${Math.max(1, (trace.duration_ns / longest) * 100)}%` }}
        />
        <span>{formatNanos(trace.duration_ns)}</span>
      </td>
      <td className="num">{trace.span_count}</td>
      <td className={`num ${trace.error_count > 0 ? "bad" : "soft"}`}>{trace.error_count}</td>
      <td>
        {trace.services.slice(0, SERVICES_SHOWN).map((one) => (
          <span key={one.service} className={classes.service} title={`${one.spans} spans`}>
            <i style={{ background: seriesColor(one.service) }} />
            {one.service}
          </span>
        ))}
        {more.length > 0 && (
          <span className="soft small" title={more.map((one) => one.service).join(", ")}>
            +{more.length}
          </span>
        )}
      </td>
      <td className="soft">
        <RelativeTime time={trace.start} />
      </td>
    </tr>
  );
}
