import {
  keepPreviousData,
  type Query,
  QueryClient,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";
import { ApiError, type Params, type RequestOptions, request } from "./client";

export const LIVE_MS = 5000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => error instanceof ApiError && error.passing && failures < 4,
      retryDelay: (failures) => Math.min(1000 * 2 ** failures, 8000),
    },
  },
});

export interface ApiOptions {
  enabled?: boolean;
  /** Ask again every so many milliseconds, whether the page is live or not. */
  everyMs?: number;
  staleMs?: number;
}

/** Server data that does not depend on the time range. Old data stays (`isPlaceholderData`) while new data comes. */
export function useApi<T>(path: string, params: Params = {}, options: ApiOptions = {}): UseQueryResult<T, ApiError> {
  return useQuery<T, ApiError>({
    queryKey: [path, params],
    queryFn: ({ signal }) => request<T>(path, { params, signal }),
    placeholderData: keepPreviousData,
    enabled: options.enabled ?? true,
    refetchInterval: options.everyMs ?? false,
    ...(options.staleMs === undefined ? {} : { staleTime: options.staleMs }),
  });
}

/** Server data over the page's time range and environments; asked again while the page is live. */
export function useScopedApi<T>(
  path: string,
  params: Params = {},
  options: ApiOptions = {},
): UseQueryResult<T, ApiError> {
  const scope = useScope();
  const { live } = useLive();
  return useApi<T>(path, { ...scope.params, ...params }, { ...(live ? { everyMs: LIVE_MS } : {}), ...options });
}

/** A list over the page's time range and environments, page after page. Asked again while the page is live, as long as
 * its first page is all that is shown: who has read on stays where they are. */
export function useScopedPages<Page extends { next_cursor?: string | null }>(
  path: string,
  params: Params,
  size: number,
) {
  const scope = useScope();
  const { live } = useLive();
  return useInfiniteQuery<Page, ApiError>({
    queryKey: [path, params, scope.params],
    queryFn: ({ pageParam, signal }) =>
      request<Page>(path, { params: { ...scope.params, ...params, limit: size, cursor: pageParam as string }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (live && (state.data?.pages.length ?? 0) <= 1 ? LIVE_MS : false),
  });
}

/** Every question of a path and of what lies below it: a list, and each of its items. */
export function isBelow(path: string): (query: Pick<Query, "queryKey">) => boolean {
  return ({ queryKey: [first] }) => first === path || (typeof first === "string" && first.startsWith(`${path}/`));
}

/** Takes back, or asks anew, every question below a path: the list of a search, its histogram and its facets. */
export function useTakeBack(path: string): { cancel: () => void; again: () => void } {
  const client = useQueryClient();
  return useMemo(() => {
    const predicate = isBelow(path);
    return {
      cancel: () => void client.cancelQueries({ predicate }),
      again: () => void client.refetchQueries({ predicate, type: "active" }),
    };
  }, [client, path]);
}

/** A change on the server; afterwards the questions of exactly the `touches` paths are asked again. */
export function useChange<Input, Output = void>(
  describe: (input: Input) => { path: string } & RequestOptions,
  touches: readonly string[],
) {
  const client = useQueryClient();
  return useMutation<Output, ApiError, Input>({
    mutationFn: (input) => {
      const { path, ...options } = describe(input);
      return request<Output>(path, options);
    },
    onSuccess: () => Promise.all(touches.map((path) => client.invalidateQueries({ queryKey: [path] }))),
  });
}
