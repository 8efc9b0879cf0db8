import type { TraceSummary } from "@/api/types";
import { formatNanos, formatTick } from "@/lib/format";
import { resolveRange } from "@/model/range";
import { usePreferences } from "@/state/preferences";
import { useScope } from "@/state/scope";
import classes from "./Traces.module.css";

const WIDTH = 1000;
const HEIGHT = 120;
const TICKS = 6;

/** Each trace as a dot: when it began, how long it took (logarithmic), and whether it failed. */
export function Scatter({ traces, onOpen }: { traces: readonly TraceSummary[]; onOpen: (traceId: string) => void }) {
  const { zone } = usePreferences();
  const { range } = useScope();
  const { startMs, endMs } = resolveRange(range, Date.now());
  const logs = traces.map((trace) => Math.log10(Math.max(1000, trace.duration_ns)));
  const [low, high] = [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))];
  const heightOf = (ns: number) =>
    HEIGHT - 8 - ((Math.log10(Math.max(1000, ns)) - low) / Math.max(1, high - low)) * (HEIGHT - 16);
  const lines = Array.from({ length: high - low + 1 }, (_, at) => 10 ** (low + at));
  return (
    <figure className={classes.scatter} aria-label="Traces by time and duration">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" width="100%" height={HEIGHT} aria-hidden>
        {lines.map((ns) => (
          <line
            key={ns}
            x1={0}
            x2={WIDTH}
            y1={heightOf(ns)}
            y2={heightOf(ns)}
            stroke="var(--line)"
            vectorEffect="non-scaling-stroke"
          />
        ))}
      </svg>
      {lines.map((ns) => (
        <span key={ns} className={classes.axis} style={{ top: heightOf(ns) - 8 }} aria-hidden>
          {formatNanos(ns)}
        </span>
      ))}
      {traces.map((trace) => (
        <button
          key={trace.trace_id}
          type="button"
          tabIndex={-1}
          className={classes.dot}
          data-error={trace.error_count > 0}
          style={{
            left: `${Math.min(100, Math.max(0, ((Date.parse(trace.start) - startMs) / (endMs - startMs)) * 100))}%`,
            top: heightOf(trace.duration_ns),
          }}
          title={`${trace.root_service} ${trace.root_operation} · ${formatNanos(trace.duration_ns)}`}
          aria-label={`Open trace ${trace.root_operation}, ${formatNanos(trace.duration_ns)}`}
          onClick={() => onOpen(trace.trace_id)}
        />
      ))}
      <div className={classes.ticks} aria-hidden>
        {Array.from({ length: TICKS }, (_, at) => (
          <span key={at}>{formatTick(startMs + ((endMs - startMs) * at) / (TICKS - 1), endMs - startMs, zone)}</span>
        ))}
      </div>
    </figure>
  );
}
