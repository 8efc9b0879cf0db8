import { useMemo } from "react";
import { type QueryData, usePrometheus } from "@/api/prometheus";
import type { Watched } from "@/api/types";
import { watchedOf } from "@/model/watched";

const POINTS = 300;
const STEP_SECONDS_MIN = 15;

/** What a query answers over a stretch of time, as the chart of a rule shows it. */
export function useWatched(asked: {
  query: string;
  operator?: string | null;
  threshold?: number | null;
  startMs: number;
  endMs: number;
  everyMs?: number;
}) {
  const { query: text, operator = null, threshold = null, startMs, endMs, everyMs } = asked;
  const step = Math.max(STEP_SECONDS_MIN, Math.ceil((endMs - startMs) / 1000 / POINTS));
  const params = { query: text, start: String(startMs / 1000), end: String(endMs / 1000), step: String(step) };
  const query = usePrometheus<QueryData>("query_range", params, everyMs === undefined ? {} : { everyMs });
  const data = query.data?.data;
  const watched = useMemo<Watched>(() => watchedOf(text, operator, threshold, data), [text, operator, threshold, data]);
  return { query, watched };
}
