import { useComputedColorScheme } from "@mantine/core";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { DurationTicks } from "@/components/Ticks";
import { formatNanos } from "@/lib/format";
import { type Block, blockAt, pileUp } from "@/model/flame";
import type { Bar } from "@/model/waterfall";
import { drawFlame, ROW } from "./drawFlame";
import classes from "./Trace.module.css";

const SLACK_PIXELS = 3;

/** All spans piled up over time on one canvas. A click opens a span, a double click fills the width with it. */
export function Flame({
  bars,
  total,
  colorOf,
  open,
  found,
  onOpen,
}: {
  bars: readonly Bar[];
  total: number;
  colorOf: (service: string) => string;
  open: string | undefined;
  found: ReadonlySet<string>;
  onOpen: (spanId: string) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme("light");
  const blocks = useMemo(() => pileUp(bars), [bars]);
  const rows = (blocks[blocks.length - 1]?.row ?? 0) + 1;
  const [zoom, setZoom] = useState<{ fromNs: number; toNs: number } | null>(null);
  const [hover, setHover] = useState<{ block: Block; x: number; y: number } | null>(null);
  const { fromNs, toNs } = zoom ?? { fromNs: 0, toNs: total };

  const paint = useCallback(() => {
    const [box, target] = [scroller.current, canvas.current];
    if (!box || !target) return;
    const view = { fromNs, toNs, scrollTop: box.scrollTop, width: box.clientWidth, height: box.clientHeight };
    drawFlame(target, blocks, { ...view, open, hovered: hover?.block, found, colorOf });
  }, [blocks, colorOf, fromNs, toNs, open, hover?.block, found]);
  // `scheme`: the canvas takes its colours anew when the look changes.
  useEffect(paint, [paint, scheme]);
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const observer = new ResizeObserver(paint);
    observer.observe(box);
    return () => observer.disconnect();
  }, [paint]);
  const row = useMemo(() => blocks.find((block) => block.bar.span.span_id === open)?.row, [blocks, open]);
  useEffect(() => {
    const box = scroller.current;
    if (!box || row === undefined) return;
    const top = row * ROW;
    if (top < box.scrollTop || top + ROW > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 2;
  }, [row]);

  function under(event: React.MouseEvent): Block | undefined {
    const box = scroller.current;
    if (!box) return undefined;
    const place = box.getBoundingClientRect();
    const perPixel = (toNs - fromNs) / Math.max(1, box.clientWidth);
    const ns = fromNs + (event.clientX - place.left) * perPixel;
    return blockAt(blocks, Math.floor((event.clientY - place.top + box.scrollTop) / ROW), ns, SLACK_PIXELS * perPixel);
  }

  return (
    <div className={classes.view}>
      <DurationTicks fromNs={fromNs} toNs={toNs} />
      <div
        ref={scroller}
        className={classes.flameBox}
        role="application"
        aria-roledescription="flame view"
        aria-label={`Flame view of ${bars.length} spans: j and k walk them; the waterfall shows the same as a table`}
        tabIndex={0}
        onScroll={paint}
        onMouseMove={(event) => {
          const block = under(event);
          setHover(block ? { block, x: event.clientX, y: event.clientY } : null);
        }}
        onMouseLeave={() => setHover(null)}
        onClick={(event) => {
          const block = under(event);
          if (block) onOpen(block.bar.span.span_id);
        }}
        onDoubleClick={(event) => {
          const block = under(event);
          const whole = !block || block.endNs - block.startNs <= 0 || block.bar.depth === 0;
          setZoom(whole ? null : { fromNs: block.startNs, toNs: block.endNs });
        }}
      >
        <canvas ref={canvas} className={classes.flameCanvas} data-rows={rows} />
        <div style={{ height: rows * ROW }} />
      </div>
      {zoom && (
        <button type="button" className={classes.flameBack} onClick={() => setZoom(null)}>
          Whole trace
        </button>
      )}
      {hover && (
        <div
          className={classes.flameTip}
          style={{ left: Math.min(hover.x + 12, window.innerWidth - 320), top: hover.y + 16 }}
        >
          <strong>{hover.block.bar.span.name}</strong> <span className="soft">{hover.block.bar.span.service}</span>
          <div>
            {formatNanos(hover.block.bar.span.duration_ns)}, {formatNanos(hover.block.bar.selfNs)} of it itself
          </div>
          {hover.block.bar.span.status === "error" && <div className="bad">error</div>}
        </div>
      )}
    </div>
  );
}
