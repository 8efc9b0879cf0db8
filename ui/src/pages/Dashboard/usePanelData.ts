import { keepPreviousData, type UseQueryResult, useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Answer, QueryData } from "@/api/prometheus";
import { type ApiError, type Params, request } from "@/api/client";
import type { BoardPanel, BoardQuery, LogPage, ServiceMap, SqlResult, TracePage } from "@/api/types";
import { narrowed } from "@/components/Graph";
import { type Frame, promFrames, sqlFrame } from "@/model/board/frames";
import { interpolate, type Variables } from "@/model/board/interpolation";
import { builtIn, durationMs, SCRAPE_MS, stepsOf, type Window, windowOf } from "@/model/board/intervals";
import { type LookedFrame, withLooks } from "@/model/board/looks";
import { transform } from "@/model/board/transformations";

const ROWS_MAX = 1000;
/** Kinds of panels that show what their series are now. */
const NOW: readonly string[] = ["stat", "gauge", "bargauge"];

type Calls = Pick<ServiceMap, "nodes" | "edges">;

/** What a query brought: frames to draw, or rows of our own searches. */
interface Brought {
  frames: readonly Frame[];
  logs?: LogPage;
  traces?: TracePage;
  calls?: Calls;
  told: readonly string[];
}

export interface PanelData {
  frames: readonly LookedFrame[];
  logs: readonly LogPage["rows"][number][];
  traces: readonly TracePage["traces"][number][];
  /** What services called, of a search of traces that is drawn as a graph. */
  calls: Calls | undefined;
  /** Warnings that came with answers. */
  told: readonly string[];
  window: Window;
  loading: boolean;
  /** Older than what is asked for now. */
  stale: boolean;
  error: ApiError | null;
  /** By the query's ref. */
  errors: Readonly<Record<string, string>>;
}

export interface Asking {
  startMs: number;
  endMs: number;
  /** How many points there is room for. */
  points: number;
  env: readonly string[];
  variables: Variables;
  /** Matchers that every PromQL query has beside its own; empty: none. */
  filters: string;
  /** False while the panel is out of sight. */
  enabled: boolean;
}

/** What all queries of a panel are asked with. */
type Scope = Pick<Asking, "env" | "filters"> & {
  /** Services are drawn with their calls. */
  graph: boolean;
  /** The last step is the window's end. */
  toEnd: boolean;
};

/** A panel's queries, asked side by side; each of its own range and step. */
export function usePanelData(panel: BoardPanel, asking: Asking): PanelData {
  const { startMs, endMs } = shifted(panel, asking);
  const least = (text: string | null | undefined) => durationMs(interpolate(text ?? "", asking.variables, "text")) ?? 0;
  const panelLeast = least(panel.step_min);
  const points = Math.min(panel.points_max ?? Infinity, asking.points);
  const window = useMemo(
    () => windowOf(startMs, endMs, points, panelLeast || SCRAPE_MS),
    [startMs, endMs, points, panelLeast],
  );
  const queries = (panel.queries ?? []).filter((query) => !query.hidden);
  const { kind } = panel.options;
  const scope = { env: asking.env, filters: asking.filters, graph: kind === "nodeGraph", toEnd: NOW.includes(kind) };
  const { brought, wrong, loading, stale } = useQueries({
    combine: together,
    queries: queries.map((query) => {
      // Steps shorter than what is sampled would show nothing more, and an `increase(…[$__interval])` nothing at all.
      const queryLeast = Math.max(least(query.step), panelLeast) || (query.language === "promql" ? SCRAPE_MS : 0);
      const own = windowOf(startMs, endMs, points, queryLeast);
      const variables = { ...asking.variables, ...builtIn(own, queryLeast) };
      const text = interpolate(query.text, variables, query.language);
      const legend = query.legend ? interpolate(query.legend, variables, "text") : query.legend;
      const plain = { ...query, text, legend };
      return {
        queryKey: ["panel", plain, own, scope, queries.length > 1],
        queryFn: ({ signal }: { signal: AbortSignal }) => ask(plain, own, scope, queries.length > 1, signal),
        enabled: asking.enabled && (text.trim() !== "" || (scope.graph && query.language === "traces")),
        placeholderData: keepPreviousData,
      };
    }),
  });
  const refs = queries.map(({ ref }) => ref).join("\n");
  const { transformations, fields } = panel;
  const { variables } = asking;
  // What is drawn stays the same thing until other data comes: a chart is drawn anew only then.
  return useMemo(() => {
    const frames = transform(
      brought.flatMap((one) => one?.frames ?? []),
      transformations ?? [],
    );
    return {
      frames: withLooks(frames, fields, variables),
      logs: brought.flatMap((one) => one?.logs?.rows ?? []),
      traces: brought.flatMap((one) => one?.traces?.traces ?? []),
      calls: brought.find((one) => one?.calls)?.calls,
      told: brought.flatMap((one) => one?.told ?? []),
      ...{ window, loading, stale },
      errors: Object.fromEntries(
        refs.split("\n").flatMap((ref, at) => (wrong[at] ? [[ref, wrong[at].message] as const] : [])),
      ),
      error: wrong.find((one, at) => one && !brought[at]) ?? null,
    };
  }, [brought, wrong, loading, stale, transformations, fields, variables, window, refs]);
}

/** Of all queries of a panel, each at its place. */
function together(found: UseQueryResult<Brought>[]) {
  return {
    brought: found.map(({ data }) => data),
    wrong: found.map(({ error }) => error as ApiError | null),
    loading: found.some((one) => one.isLoading),
    stale: found.some((one) => one.isPlaceholderData),
  };
}

function shifted(panel: BoardPanel, { startMs, endMs, variables }: Asking): { startMs: number; endMs: number } {
  const read = (text: string | null | undefined) => (text ? durationMs(interpolate(text, variables, "text")) : null);
  const end = endMs - (read(panel.shift) ?? 0);
  const range = read(panel.range) ?? endMs - startMs;
  return { startMs: end - range, endMs: end };
}

async function ask(
  query: BoardQuery,
  window: Window,
  scope: Scope,
  several: boolean,
  signal: AbortSignal,
): Promise<Brought> {
  const times = { start: new Date(window.startMs).toISOString(), end: new Date(window.endMs).toISOString() };
  const span = { ...times, env: scope.env };
  switch (query.language) {
    case "logs": {
      const params = { ...span, query: query.text, limit: query.limit ?? 100 };
      return { frames: [], logs: await request<LogPage>("logs", { params, signal }), told: [] };
    }
    case "traces": {
      if (scope.graph) return callsOf(await request<ServiceMap>("service-map", { params: span, signal }), query.text);
      const params = { ...span, query: query.text, limit: Math.min(query.limit ?? 20, 100) };
      return { frames: [], traces: await request<TracePage>("traces", { params, signal }), told: [] };
    }
    case "sql": {
      const body = { query: query.text, limit: query.limit ?? ROWS_MAX, ...span };
      const found = await request<SqlResult>("sql", { method: "POST", body, signal });
      const told = found.truncated ? [`Cut at ${found.rows.length} rows`] : [];
      return { frames: [sqlFrame(found.columns, found.rows, query.ref)], told };
    }
    default:
      return await series(query, window, scope, several, signal);
  }
}

function callsOf(map: ServiceMap, search: string): Brought {
  const { map: calls, rest } = narrowed(map, search);
  const told = rest.length > 0 ? [`A graph of services is narrowed by service: alone, not by ${rest.join(" ")}`] : [];
  return { frames: [], calls, told };
}

async function series(
  query: BoardQuery,
  window: Window,
  { env, filters, toEnd }: Scope,
  several: boolean,
  signal: AbortSignal,
): Promise<Brought> {
  const loki = query.language === "logql";
  const api = loki ? "/loki/api/v1" : "/prometheus/api/v1";
  const get = (path: string, params: Params) =>
    request<Answer<QueryData>>(`${api}/${path}`, {
      params: { query: query.text, ...(loki ? {} : { env, "extra_filters[]": filters }), ...params },
      signal,
    });
  const mode = query.mode ?? "range";
  const answers = await Promise.all([
    ...(mode !== "instant" ? [get("query_range", stepsOf(window, toEnd))] : []),
    ...(mode !== "range" ? [get("query", { time: window.endMs / 1000 })] : []),
  ]);
  return {
    frames: answers.flatMap((answer) => promFrames(answer.data, query, window.stepMs, several)),
    told: answers.flatMap((answer) => [...(answer.warnings ?? []), ...(answer.infos ?? [])]),
  };
}
