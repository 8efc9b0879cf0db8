import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type ApiError, request } from "@/api/client";
import type { ReplayDetail } from "@/api/types";
import type { RecordedEvent } from "@/model/replay/events";
import { type Recording, recordingOf } from "@/model/replay/recording";

/** Parts that are asked for at once. */
const AT_ONCE = 6;

export interface Loaded {
  recording: Recording;
  /** Parts that could not be read. */
  missing: number;
}

/** The whole recording, part by part; who watches it is noted once. `done`: how much of it is here, 0 to 1. */
export function useRecording(detail: ReplayDetail) {
  const client = useQueryClient();
  const [done, setDone] = useState(0);
  const id = detail.summary.id;
  const parts = detail.segments.map((one) => one.segment);
  const query = useQuery<Loaded, ApiError>({
    queryKey: ["replay-recording", id, parts.length],
    queryFn: async ({ signal }) => {
      await request(`replays/${id}/watch`, { method: "POST", signal });
      void client.invalidateQueries({ queryKey: ["replays"] });
      return load(id, parts, signal, setDone);
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  return { query, done };
}

async function load(
  id: string,
  parts: readonly number[],
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<Loaded> {
  const events: RecordedEvent[] = [];
  const failures: unknown[] = [];
  let next = 0;
  let finished = 0;
  const lane = async () => {
    for (let part = parts[next++]; part !== undefined; part = parts[next++]) {
      try {
        for (const event of await request<RecordedEvent[]>(`replays/${id}/segments/${part}`, { signal }))
          events.push(event);
      } catch (error) {
        if (signal.aborted) throw error;
        failures.push(error);
      }
      finished += 1;
      onProgress(finished / parts.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, parts.length) }, lane));
  if (parts.length > 0 && failures.length === parts.length) throw failures[0];
  return { recording: recordingOf(events), missing: failures.length };
}
