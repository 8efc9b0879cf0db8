import type { TraceSummary } from "@/api/types";
import { Go } from "@/components/Go";
import { RelativeTime } from "@/components/Time";
import { formatExact, formatNanos } from "@/lib/format";
import classes from "./Traces.module.css";

const SERVICES_SHOWN = 3;

export function TraceRow({
  trace,
  current,
  longest,
  colorOf,
}: {
  trace: TraceSummary;
  current: boolean;
  longest: number;
  colorOf: (service: string) => string;
}) {
  // The service that was asked first, then those it asked.
  const services = [...trace.services].sort(
    (a, b) => Number(b.service === trace.root_service) - Number(a.service === trace.root_service),
  );
  const more = services.slice(SERVICES_SHOWN);
  return (
    <tr data-current={current} aria-selected={current}>
      <td title={`${trace.root_operation} ${trace.root_service}`}>
        <Go to="/traces/$traceId" params={{ traceId: trace.trace_id }}>
          {trace.root_operation || "root has not arrived"}
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
      <td className={`num ${classes.wide}`}>{formatExact(trace.span_count)}</td>
      <td className={`num ${classes.wide} ${trace.error_count > 0 ? "bad" : "soft"}`}>
        {formatExact(trace.error_count)}
      </td>
      <td className={classes.wide}>
        <span className={classes.services}>
          {services.slice(0, SERVICES_SHOWN).map((one) => (
            <span key={one.service} className={classes.service} title={`${one.service}: ${one.spans} spans`}>
              <i style={{ background: colorOf(one.service) }} />
              <span className="truncate">{one.service}</span>
            </span>
          ))}
          {more.length > 0 && (
            <span className="soft small" title={more.map((one) => one.service).join(", ")}>
              +{more.length}
            </span>
          )}
        </span>
      </td>
      <td className="num soft">
        <RelativeTime time={trace.start} />
      </td>
    </tr>
  );
}
