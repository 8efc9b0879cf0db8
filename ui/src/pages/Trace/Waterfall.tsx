import { useElementSize } from "@mantine/hooks";
import { IconAlertTriangle, IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { Middle } from "@/components/Middle";
import { DurationTicks } from "@/components/Ticks";
import { formatNanos } from "@/lib/format";
import { useRowInSight } from "@/lib/useRowInSight";
import type { Bar } from "@/model/waterfall";
import classes from "./Trace.module.css";

const ROW = 28;
const INDENT = 14;
/** Room for a bar's duration beside it. */
const LENGTH_PIXELS = 60;
const DEPTH_SHOWN_MAX = 14;

/** One row a span, of which only those in sight are in the document. */
export function Waterfall({
  bars,
  total,
  colorOf,
  open,
  found,
  collapsed,
  onOpen,
  onToggle,
}: {
  bars: readonly Bar[];
  total: number;
  colorOf: (service: string) => string;
  open: string | undefined;
  found: ReadonlySet<string>;
  collapsed: ReadonlySet<string>;
  onOpen: (spanId: string) => void;
  onToggle: (spanId: string) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const { ref: track, width: trackWidth } = useElementSize();
  const room = (LENGTH_PIXELS / Math.max(1, trackWidth)) * 100;
  const virtual = useVirtualizer({
    count: bars.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 20,
  });
  const at = bars.findIndex((bar) => bar.span.span_id === open);
  useRowInSight(scroller, at, ROW);
  return (
    <div className={classes.view}>
      <div className={classes.head}>
        <span>Service and operation</span>
        <div ref={track}>
          <DurationTicks fromNs={0} toNs={total} />
        </div>
      </div>
      <div
        ref={scroller}
        className={classes.waterfall}
        role="treegrid"
        aria-label="Spans"
        tabIndex={0}
        aria-rowcount={bars.length}
      >
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => {
            const bar = bars[item.index];
            if (!bar) return null;
            const { span } = bar;
            const left = Math.min(99.5, Math.max(0, (span.start_offset_ns / total) * 100));
            const width = Math.max(0.3, Math.min(100 - left, (span.duration_ns / total) * 100));
            const side = sideOf(left, width, room);
            return (
              <div
                key={span.span_id + String(item.index)}
                role="row"
                aria-level={bar.depth + 1}
                aria-selected={span.span_id === open}
                aria-expanded={bar.below > 0 ? !collapsed.has(span.span_id) : undefined}
                className={classes.span}
                data-found={found.has(span.span_id)}
                style={{ transform: `translateY(${item.start}px)`, height: ROW }}
                onClick={() => onOpen(span.span_id)}
              >
                <span
                  role="gridcell"
                  className={classes.name}
                  style={{ paddingLeft: Math.min(bar.depth, DEPTH_SHOWN_MAX) * INDENT }}
                >
                  {bar.below > 0 ? (
                    <button
                      type="button"
                      className={classes.toggle}
                      aria-label={collapsed.has(span.span_id) ? `Show ${bar.below} spans below` : "Hide spans below"}
                      onClick={(event) => {
                        event.stopPropagation();
                        onToggle(span.span_id);
                      }}
                    >
                      {collapsed.has(span.span_id) ? <IconChevronRight size={14} /> : <IconChevronDown size={14} />}
                    </button>
                  ) : (
                    <span className={classes.toggle} />
                  )}
                  <i style={{ background: colorOf(span.service) }} />
                  <b title={span.service}>
                    <Middle text={span.service} />
                  </b>
                  <span className={classes.operation} title={span.name}>
                    {span.name}
                  </span>
                  {(span.status === "error" || (bar.errorBelow && collapsed.has(span.span_id))) && (
                    <IconAlertTriangle size={14} className="bad" aria-label="error" />
                  )}
                  {bar.orphan && <span className="soft small">parent missing</span>}
                </span>
                <span role="gridcell" className={classes.track}>
                  <span
                    className={classes.bar}
                    data-critical={bar.critical}
                    title={bar.critical ? "on the critical path: the trace waited for it" : undefined}
                    style={{
                      left: `${left}%`,
                      width: `${width}%`,
                      background: span.status === "error" ? "var(--bad-line)" : colorOf(span.service),
                    }}
                  />
                  <span
                    className={classes.length}
                    data-inside={side === "inside"}
                    style={
                      side === "after"
                        ? { left: `${left + width}%` }
                        : { right: side === "before" ? `${100 - left}%` : `calc(${100 - left - width}% + 4px)` }
                    }
                  >
                    {formatNanos(span.duration_ns)}
                  </span>
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Where a bar's duration is written: behind it, or before it, or on it where it fills the track. */
function sideOf(left: number, width: number, room: number): "after" | "before" | "inside" {
  if (left + width + room <= 100) return "after";
  return left >= room ? "before" : "inside";
}
