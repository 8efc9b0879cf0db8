import { useRef, useState } from "react";
import { useScopedApi } from "@/api/queries";
import type { Histogram as HistogramAnswer, HistogramBucket } from "@/api/types";
import { formatCount, formatExact, formatShort } from "@/lib/format";
import { TimeTicks } from "@/components/Ticks";
import { levelColor } from "@/lib/colors";
import { usePreferences } from "@/state/preferences";
import { useScope } from "@/state/scope";
import classes from "./Histogram.module.css";

const HEIGHT = 72;
const ORDER = ["unknown", "trace", "debug", "info", "unset", "ok", "warn", "error", "fatal"];

/** Items over time, stacked by level or status. Dragging zooms the page's range, a double click zooms back. */
export function Histogram({ path, query, what }: { path: string; query: string; what: string }) {
  const scope = useScope();
  const { zone } = usePreferences();
  const found = useScopedApi<HistogramAnswer>(path, { query });
  const area = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const buckets = found.data?.buckets ?? [];
  const highest = Math.max(1, ...buckets.map(sum));
  const stepMs = (found.data?.step_seconds ?? 1) * 1000;
  const share = (event: React.MouseEvent) => {
    const box = area.current?.getBoundingClientRect();
    return box ? Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) : 0;
  };
  const firstMs = Date.parse(buckets[0]?.start ?? "");
  const spanMs = buckets.length * stepMs;
  const hovered = over === null ? undefined : buckets[over];

  function finish() {
    if (drag && Math.abs(drag.to - drag.from) > 0.01) {
      const [low, high] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
      scope.zoomTo(firstMs + low * spanMs, firstMs + high * spanMs);
    }
    setDrag(null);
  }

  return (
    <figure className={classes.figure} aria-label={`${what} over time`}>
      <figcaption className="spread small">
        <span>
          {found.data ? (
            <>
              <strong title={formatExact(found.data.total)}>{formatCount(found.data.total)}</strong> {what}
            </>
          ) : (
            found.error?.problem.code !== "bad_query" && (found.error?.message ?? "…")
          )}
        </span>
        <span className="soft">{hovered ? describe(hovered, zone) : "drag to zoom, double click to zoom back"}</span>
      </figcaption>
      <div
        ref={area}
        className={classes.area}
        style={{ height: HEIGHT }}
        onMouseDown={(event) => setDrag({ from: share(event), to: share(event) })}
        onMouseMove={(event) => {
          setOver(Math.min(buckets.length - 1, Math.floor(share(event) * buckets.length)));
          if (drag) setDrag({ ...drag, to: share(event) });
        }}
        onMouseUp={finish}
        onMouseLeave={() => {
          setOver(null);
          finish();
        }}
        onDoubleClick={scope.zoomBack}
      >
        <svg
          width="100%"
          height={HEIGHT}
          viewBox={`0 0 ${Math.max(1, buckets.length)} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden
        >
          {buckets.map((bucket, at) => {
            let top = HEIGHT;
            return ORDER.filter((name) => bucket.counts[name]).map((name) => {
              const height = Math.max(1, ((bucket.counts[name] ?? 0) / highest) * (HEIGHT - 4));
              top -= height;
              return (
                <rect
                  key={name + String(at)}
                  x={at + 0.08}
                  width={0.84}
                  y={top}
                  height={height}
                  fill={levelColor(name)}
                  opacity={over === null || over === at ? 1 : 0.65}
                />
              );
            });
          })}
        </svg>
        {drag && (
          <div
            className={classes.zoom}
            style={{
              left: `${Math.min(drag.from, drag.to) * 100}%`,
              width: `${Math.abs(drag.to - drag.from) * 100}%`,
            }}
          />
        )}
      </div>
      <TimeTicks startMs={firstMs} endMs={firstMs + spanMs} zone={zone} />
    </figure>
  );
}

function sum(bucket: HistogramBucket): number {
  return Object.values(bucket.counts).reduce((total, count) => total + count, 0);
}

function describe(bucket: HistogramBucket, zone: "local" | "utc"): string {
  const parts = Object.entries(bucket.counts).map(([name, count]) => `${name} ${formatCount(count)}`);
  return `${formatShort(bucket.start, zone, true)} · ${parts.join(", ") || "none"}`;
}
