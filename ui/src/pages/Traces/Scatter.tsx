import { useComputedColorScheme } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useMemo, useRef, useState } from "react";
import type { TraceSummary } from "@/api/types";
import { TimeTicks } from "@/components/Ticks";
import { realColor } from "@/lib/colors";
import { formatDecade, formatNanos } from "@/lib/format";
import { resolveRange } from "@/model/range";
import { placeOf, planeOf, type Selection, selected, timesOf } from "@/model/scatter";
import { usePreferences } from "@/state/preferences";
import { useScope } from "@/state/scope";
import classes from "./Traces.module.css";

const HEIGHT = 132;
const RADIUS = 4;
const NEAR = 8;
const DRAG_MIN = 5;

interface Point {
  x: number;
  y: number;
}

/** Each trace as a dot: when it began, how long it took, whether it failed. A drag narrows both, a click opens. */
export function Scatter({
  traces,
  onOpen,
  onSelect,
  onBack,
}: {
  traces: readonly TraceSummary[];
  onOpen: (traceId: string) => void;
  onSelect: (selection: Selection) => void;
  onBack: () => void;
}) {
  const { zone } = usePreferences();
  const { range } = useScope();
  const scheme = useComputedColorScheme("light");
  const canvas = useRef<HTMLCanvasElement>(null);
  const { ref: area, width } = useElementSize();
  const [drag, setDrag] = useState<{ from: Point; to: Point } | null>(null);
  const [over, setOver] = useState<TraceSummary | null>(null);
  const { plane, dots } = useMemo(() => {
    const whole = resolveRange(range, Date.now());
    const starts = traces.map((trace) => Date.parse(trace.start));
    const { startMs, endMs } = timesOf(starts, whole.startMs, whole.endMs);
    const durations = traces.map((trace) => trace.duration_ns);
    const made = planeOf(durations, startMs, endMs, Math.max(1, width), HEIGHT);
    return {
      plane: made,
      dots: traces.map((trace) => ({ trace, ...placeOf(made, Date.parse(trace.start), trace.duration_ns) })),
    };
  }, [traces, range, width]);
  const lines = Array.from({ length: plane.high - plane.low + 1 }, (_, at) => 10 ** (plane.low + at));

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || !canvas.current) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.current.width = Math.round(width * ratio);
    canvas.current.height = Math.round(HEIGHT * ratio);
    context.scale(ratio, ratio);
    const [well, failed] = [realColor("var(--series-0)"), realColor("var(--bad-line)")];
    // Failed ones last, so that none lies hidden; and as squares on their corner, for who cannot tell the colours.
    for (const bad of [false, true]) {
      context.fillStyle = bad ? failed : well;
      for (const { trace, x, y } of dots) {
        if (trace.error_count > 0 !== bad) continue;
        context.globalAlpha = trace === over ? 1 : 0.7;
        const size = trace === over ? RADIUS + 2 : RADIUS;
        context.beginPath();
        if (bad) {
          context.moveTo(x, y - size - 1);
          context.lineTo(x + size + 1, y);
          context.lineTo(x, y + size + 1);
          context.lineTo(x - size - 1, y);
        } else context.arc(x, y, size, 0, 2 * Math.PI);
        context.fill();
      }
    }
    // `scheme`: the canvas takes its colours anew when the look changes.
  }, [dots, width, over, scheme]);

  function pointOf(event: React.PointerEvent): Point {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
  function nearest(point: Point): TraceSummary | null {
    let best: TraceSummary | null = null;
    let distance = NEAR;
    for (const { trace, x, y } of dots) {
      const away = Math.hypot(x - point.x, y - point.y);
      if (away <= distance) [best, distance] = [trace, away];
    }
    return best;
  }

  return (
    <figure className={classes.scatter} aria-label="Traces by time and duration">
      <figcaption className="spread small soft">
        <span>
          {over
            ? `${over.root_service} ${over.root_operation} · ${formatNanos(over.duration_ns)}`
            : "Duration of the traces listed below"}
        </span>
        <span className={classes.hint}>drag to narrow time and duration, double click to zoom back</span>
      </figcaption>
      <div
        ref={area}
        className={classes.plane}
        style={{ height: HEIGHT, cursor: over ? "pointer" : "crosshair" }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag({ from: pointOf(event), to: pointOf(event) });
        }}
        onPointerMove={(event) => {
          const point = pointOf(event);
          if (drag) setDrag({ ...drag, to: point });
          else setOver(nearest(point));
        }}
        onPointerLeave={() => setOver(null)}
        onPointerUp={(event) => {
          const to = pointOf(event);
          if (drag && Math.hypot(to.x - drag.from.x, to.y - drag.from.y) >= DRAG_MIN)
            onSelect(selected(plane, drag.from, to));
          else {
            const trace = nearest(to);
            if (trace) onOpen(trace.trace_id);
          }
          setDrag(null);
        }}
        onPointerCancel={() => setDrag(null)}
        onDoubleClick={onBack}
      >
        {lines.map((ns) => (
          <span key={ns} className={classes.gridline} style={{ top: placeOf(plane, 0, ns).y }} aria-hidden>
            <span>{formatDecade(ns)}</span>
          </span>
        ))}
        <canvas ref={canvas} style={{ width: "100%", height: HEIGHT }} aria-hidden />
        {drag && (
          <span
            className={classes.picked}
            style={{
              left: Math.min(drag.from.x, drag.to.x),
              top: Math.min(drag.from.y, drag.to.y),
              width: Math.abs(drag.to.x - drag.from.x),
              height: Math.abs(drag.to.y - drag.from.y),
            }}
          />
        )}
      </div>
      <div className={classes.ticks}>
        <TimeTicks startMs={plane.startMs} endMs={plane.endMs} zone={zone} />
      </div>
    </figure>
  );
}
