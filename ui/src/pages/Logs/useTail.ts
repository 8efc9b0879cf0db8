import { useEffect, useRef, useState } from "react";
import { toQuery } from "@/api/client";
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
    const source = new EventSource(`/api/v1/logs/tail${toQuery({ query, env: envKey ? envKey.split("\n") : [] })}`);
    let fresh: LogRow[] = [];
    let dropped = 0;
    source.addEventListener("row", (event) => fresh.unshift(JSON.parse(event.data as string) as LogRow));
    source.addEventListener("dropped", (event) => {
      dropped += (JSON.parse(event.data as string) as { count: number }).count;
    });
    source.onopen = () => setTail((before) => ({ ...before, connected: true }));
    source.onerror = () => setTail((before) => ({ ...before, connected: false }));
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
      source.close();
    };
  }, [on, query, envKey]);
  return tail;
}
