import { useEffect, useRef, useState } from "react";
import { connect } from "@/api/events";
import type { LogRow } from "@/api/types";

const ROWS_MAX = 2000;
const FLUSH_MS = 250;

export interface Tail {
  rows: LogRow[];
  /** Lines that came while paused and are not shown yet. */
  waiting: number;
  /** Lines that the server left out because too many came at once. */
  dropped: number;
  connected: boolean;
}

const NOTHING: Tail = { rows: [], waiting: 0, dropped: 0, connected: false };

/** Lines as they come in, newest first; the newest 2,000 are kept. */
export function useTail(on: boolean, paused: boolean, query: string, env: readonly string[]): Tail {
  const [tail, setTail] = useState<Tail>(NOTHING);
  const stopped = useRef(paused);
  stopped.current = paused;
  const envKey = env.join("\n");
  useEffect(() => {
    setTail(NOTHING);
    if (!on) return;
    let fresh: LogRow[] = [];
    let dropped = 0;
    const tailed = { query, env: envKey ? envKey.split("\n") : [] };
    const close = connect("/api/v1/logs/tail", tailed, {
      row: (data) => fresh.unshift(data as LogRow),
      dropped: (data) => (dropped += (data as { count: number }).count),
      connected: (connected) => setTail((before) => ({ ...before, connected })),
    });
    const timer = setInterval(() => {
      if (stopped.current) {
        if (fresh.length > ROWS_MAX) fresh = fresh.slice(0, ROWS_MAX);
        setTail((before) => (before.waiting === fresh.length ? before : { ...before, waiting: fresh.length }));
        return;
      }
      if (fresh.length === 0 && dropped === 0) return;
      const [rows, lost] = [fresh, dropped];
      fresh = [];
      dropped = 0;
      setTail((before) => ({
        rows: [...rows, ...before.rows].slice(0, ROWS_MAX),
        waiting: 0,
        dropped: before.dropped + lost,
        connected: true,
      }));
    }, FLUSH_MS);
    return () => {
      clearInterval(timer);
      close();
    };
  }, [on, query, envKey]);
  return tail;
}
