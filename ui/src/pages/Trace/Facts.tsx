import { useState } from "react";
import type { TraceDetail } from "@/api/types";
import { Go } from "@/components/Go";
import { AbsoluteTime } from "@/components/Time";
import { formatExact, formatNanos, plural } from "@/lib/format";
import { storySearch } from "@/model/story";
import classes from "./Trace.module.css";

const SERVICES_SHOWN = 4;

/** How long, how much, when, and whose spans: those who failed come first where not all are shown. */
export function Facts({ trace, colorOf }: { trace: TraceDetail; colorOf: (service: string) => string }) {
  const [all, setAll] = useState(false);
  const services = [...trace.services].sort((a, b) => b.errors - a.errors || b.spans - a.spans);
  const more = services.length - SERVICES_SHOWN;
  const shown = all || more <= 1 ? services : services.slice(0, SERVICES_SHOWN);
  return (
    <div className={classes.facts}>
      <span title={`${formatExact(trace.duration_ns)} ns`}>
        <strong>{formatNanos(trace.duration_ns)}</strong> in all
      </span>
      <span>{plural(trace.spans.length, "span")}</span>
      {trace.log_count > 0 ? (
        <Go to="/logs" search={logsOf(trace)}>
          {plural(trace.log_count, "log line")}
        </Go>
      ) : (
        <span className="soft">no log lines</span>
      )}
      <Go to="/story" search={storySearch("trace", trace.trace_id)}>
        its story
      </Go>
      {trace.environment && <span>{trace.environment}</span>}
      <AbsoluteTime time={trace.start} />
      {shown.map((one) => (
        <span key={one.service} className={classes.service}>
          <i style={{ background: colorOf(one.service) }} />
          <Go to="/services/$name" params={{ name: one.service }} className="truncate" title={one.service}>
            {one.service}
          </Go>
          <span className="soft">{one.spans.toLocaleString("en-US")}</span>
          {one.errors > 0 && <b className="bad">{plural(one.errors, "error")}</b>}
        </span>
      ))}
      {more > 1 && (
        <button type="button" className={classes.more} aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Fewer services" : `${more} more services`}
        </button>
      )}
      <span className={`${classes.key} soft`}>critical path</span>
    </div>
  );
}

const MARGIN_MS = 3_600_000;

function logsOf(trace: TraceDetail): Record<string, string> {
  const at = Date.parse(trace.start);
  return {
    start: new Date(at - MARGIN_MS).toISOString(),
    end: new Date(at + trace.duration_ns / 1e6 + MARGIN_MS).toISOString(),
    query: `trace_id:${trace.trace_id}`,
  };
}
