import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { type ApiError, type Params, request } from "./client";

/** Prometheus's HTTP API as far as the page asks it (`docs/querying/api.md` of Prometheus 3). */
const BASE = "/prometheus/api/v1";

export type Labels = Readonly<Record<string, string>>;
/** Seconds since 1970, and the value as text: `NaN`, `+Inf` and all digits survive. */
export type Sample = readonly [number, string];

export interface NativeHistogram {
  count: string;
  sum: string;
  buckets?: readonly (readonly [number, string, string, string])[];
}
export interface MatrixSeries {
  metric: Labels;
  values?: readonly Sample[];
  histograms?: readonly (readonly [number, NativeHistogram])[];
}
export interface VectorSample {
  metric: Labels;
  value?: Sample;
  histogram?: readonly [number, NativeHistogram];
}
export type QueryData =
  | { resultType: "matrix"; result: readonly MatrixSeries[] }
  | { resultType: "vector"; result: readonly VectorSample[] }
  | { resultType: "scalar"; result: Sample }
  | { resultType: "string"; result: Sample };

export interface ExemplarSeries {
  seriesLabels: Labels;
  exemplars: readonly { labels: Labels; value: string; timestamp: number }[];
}
export interface Metadata {
  type: string;
  help: string;
  unit: string;
}

export interface Answer<T> {
  data: T;
  warnings?: readonly string[];
  infos?: readonly string[];
}

export interface PrometheusOptions {
  enabled?: boolean;
  everyMs?: number;
  staleMs?: number;
}

/** An answer of Prometheus's API with its warnings; old data stays while new data comes. */
export function usePrometheus<T>(
  path: string,
  params: Params,
  { enabled = true, everyMs, staleMs }: PrometheusOptions = {},
): UseQueryResult<Answer<T>, ApiError> {
  return useQuery<Answer<T>, ApiError>({
    queryKey: ["prometheus", path, params],
    queryFn: ({ signal }) => request<Answer<T>>(`${BASE}/${path}`, { params, signal }),
    placeholderData: keepPreviousData,
    enabled,
    refetchInterval: everyMs ?? false,
    ...(staleMs === undefined ? {} : { staleTime: staleMs }),
  });
}
