import { useElementSize } from "@mantine/hooks";
import { formatNanos, formatTick, type Zone } from "@/lib/format";
import { durationTicks, timeTicks } from "@/model/ticks";
import classes from "./Ticks.module.css";

/** Room that a label takes. */
const LABEL_PIXELS = 84;
const EDGE = 0.03;

interface Tick {
  key: number;
  /** Where between the left and the right edge, 0 … 1. */
  share: number;
  label: string;
}

/** Round times below a picture of a range, each at its place. */
export function TimeTicks({ startMs, endMs, zone }: { startMs: number; endMs: number; zone: Zone }) {
  const { ref, width } = useElementSize();
  const rangeMs = endMs - startMs;
  const ticks = timeTicks(startMs, endMs, Math.max(1, Math.floor(width / LABEL_PIXELS)), zone).map((ms) => ({
    key: ms,
    share: (ms - startMs) / rangeMs,
    label: formatTick(ms, rangeMs, zone),
  }));
  return <Labels box={ref} ticks={ticks} />;
}

/** Round durations since a trace began. */
export function DurationTicks({ fromNs, toNs, className }: { fromNs: number; toNs: number; className?: string }) {
  const { ref, width } = useElementSize();
  const ticks = durationTicks(fromNs, toNs, Math.max(1, Math.floor(width / LABEL_PIXELS))).map((ns) => ({
    key: ns,
    share: (ns - fromNs) / (toNs - fromNs),
    label: formatNanos(ns),
  }));
  return <Labels box={ref} ticks={ticks} className={className} />;
}

function Labels({ box, ticks, className }: { box: React.Ref<HTMLDivElement>; ticks: Tick[]; className?: string }) {
  return (
    <div ref={box} className={`${classes.ticks} ${className ?? ""}`} aria-hidden>
      {ticks.map(({ key, share, label }) => (
        <span
          key={key}
          style={{ left: `${share * 100}%` }}
          data-edge={share < EDGE ? "left" : share > 1 - EDGE ? "right" : undefined}
        >
          {label}
        </span>
      ))}
    </div>
  );
}
