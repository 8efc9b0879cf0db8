import { useMemo } from "react";
import type { Moment } from "@/model/replay/moments";
import { formatOffset, type Gap } from "@/model/replay/recording";
import classes from "./Replay.module.css";

const STEP_MS = 5000;
/** Marks that stand on less room than this would be one. */
const PLACES = 400;
const RANK = { bad: 3, warning: 2, info: 1, plain: 0 } as const;

/** One line from beginning to end: where it plays, where nobody did anything, and what happened when. */
export function Timeline({
  moments,
  gaps,
  atMs,
  lengthMs,
  onSeek,
}: {
  moments: readonly Moment[];
  gaps: readonly Gap[];
  atMs: number;
  lengthMs: number;
  onSeek: (ms: number) => void;
}) {
  const whole = Math.max(1, lengthMs);
  const marks = useMemo(() => marksOf(moments, whole), [moments, whole]);
  const share = (ms: number) => `${(Math.min(whole, ms) / whole) * 100}%`;
  return (
    <div
      className={classes.timeline}
      role="slider"
      tabIndex={0}
      aria-label="Position"
      aria-valuemin={0}
      aria-valuemax={Math.round(lengthMs / 1000)}
      aria-valuenow={Math.round(atMs / 1000)}
      aria-valuetext={`${formatOffset(atMs)} of ${formatOffset(lengthMs)}`}
      onKeyDown={(event) => {
        const to = { Home: 0, End: lengthMs, PageUp: atMs + 6 * STEP_MS, PageDown: atMs - 6 * STEP_MS }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        onSeek(to);
      }}
      onPointerDown={(event) => {
        const track = event.currentTarget.getBoundingClientRect();
        const seekTo = (x: number) => onSeek(((x - track.left) / Math.max(1, track.width)) * lengthMs);
        const target = event.currentTarget;
        target.setPointerCapture(event.pointerId);
        const move = (moved: PointerEvent) => seekTo(moved.clientX);
        target.addEventListener("pointermove", move);
        target.addEventListener("lostpointercapture", () => target.removeEventListener("pointermove", move), {
          once: true,
        });
        seekTo(event.clientX);
      }}
    >
      <div className={classes.track}>
        {gaps.map((gap) => (
          <i
            key={gap.startMs}
            className={classes.gap}
            title="Nobody did anything here"
            style={{ left: share(gap.startMs), width: share(gap.endMs - gap.startMs) }}
          />
        ))}
        <i className={classes.played} style={{ width: share(atMs) }} />
      </div>
      {marks.map((mark) => (
        <i
          key={mark.id}
          className={classes.mark}
          data-tone={mark.tone}
          title={`${formatOffset(mark.atMs)} ${mark.title}`}
          style={{ left: share(mark.atMs) }}
        />
      ))}
      <i className={classes.head} style={{ left: share(atMs) }} />
    </div>
  );
}

/** Of those that stand in one place the one that matters most. */
function marksOf(moments: readonly Moment[], whole: number): Moment[] {
  const places = new Map<number, Moment>();
  for (const moment of moments) {
    if (moment.kind === "network" && moment.tone === "plain") continue;
    const place = Math.round((moment.atMs / whole) * PLACES);
    const before = places.get(place);
    if (!before || RANK[moment.tone] > RANK[before.tone]) places.set(place, moment);
  }
  return [...places.values()];
}
