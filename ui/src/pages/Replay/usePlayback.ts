import { Replayer } from "@rrweb/replay";
import "@rrweb/replay/dist/style.css";
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { IDLE_MS, type Recording } from "@/model/replay/recording";

export const SPEEDS = [0.5, 1, 2, 4, 8] as const;
const SPEED_MAX = 64;
/** How often the page is told where it plays. */
const TICK_MS = 100;

export interface Playback {
  atMs: number;
  playing: boolean;
  speed: number;
  skipsIdle: boolean;
  toggle: () => void;
  seek: (ms: number) => void;
  setSpeed: (speed: number) => void;
  setSkipsIdle: (skips: boolean) => void;
}

/** rrweb's player in an element, from a moment on; it stands still until it is told to play. */
export function usePlayback(root: RefObject<HTMLElement | null>, recording: Recording, beginAtMs: number): Playback {
  const { frames, lengthMs, firstMs } = recording;
  const player = useRef<Replayer | null>(null);
  const first = useRef(Math.min(beginAtMs, lengthMs));
  const [atMs, setAt] = useState(first.current);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(1);
  const [skipsIdle, setSkipsIdle] = useState(true);
  const chosen = useRef({ speed, skipsIdle });
  chosen.current = { speed, skipsIdle };

  useEffect(() => {
    if (!root.current || frames.length === 0) return;
    const made = new Replayer(frames as never, {
      root: root.current,
      speed: chosen.current.speed,
      maxSpeed: SPEED_MAX,
      skipInactive: chosen.current.skipsIdle,
      inactivePeriodThreshold: IDLE_MS,
      showWarning: false,
      mouseTail: false,
      // A frame that takes the focus would take the keys with it.
      triggerFocus: false,
      UNSAFE_replayCanvas: false,
    });
    made.iframe.title = "The recorded page";
    made.iframe.tabIndex = -1;
    made.on("finish", () => {
      setPlaying(false);
      setAt(lengthMs);
    });
    made.pause(Math.max(firstMs, first.current));
    player.current = made;
    return () => {
      player.current = null;
      made.destroy();
    };
  }, [frames, lengthMs, firstMs, root]);

  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      if (player.current) setAt(Math.min(lengthMs, Math.max(0, player.current.getCurrentTime())));
    }, TICK_MS);
    return () => clearInterval(timer);
  }, [playing, lengthMs]);

  useEffect(() => player.current?.setConfig({ speed }), [speed]);
  useEffect(() => player.current?.setConfig({ skipInactive: skipsIdle }), [skipsIdle]);

  const now = useRef(atMs);
  now.current = atMs;
  const play = useCallback(() => {
    const from = now.current >= lengthMs ? 0 : now.current;
    player.current?.play(Math.max(firstMs, from));
    setAt(from);
    setPlaying(player.current !== null);
  }, [lengthMs, firstMs]);
  const pause = useCallback(() => {
    player.current?.pause();
    setPlaying(false);
  }, []);
  const seek = useCallback(
    (ms: number) => {
      const to = Math.min(lengthMs, Math.max(0, ms));
      if (playing) player.current?.play(Math.max(firstMs, to));
      else player.current?.pause(Math.max(firstMs, to));
      setAt(to);
    },
    [lengthMs, firstMs, playing],
  );
  const toggle = playing ? pause : play;
  return { atMs, playing, speed, skipsIdle, toggle, seek, setSpeed, setSkipsIdle };
}
