import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { type ApiError, type Params, request } from "@/api/client";
import { useScope } from "@/state/scope";

const PAGE = 50;

/** A list below the vitals, a page at a time. */
export function useRows<Page extends { next_cursor?: string | null }>(path: string, params: Params) {
  const scope = useScope();
  return useInfiniteQuery<Page, ApiError>({
    queryKey: [path, params, scope.params],
    queryFn: ({ pageParam, signal }) =>
      request<Page>(path, { params: { ...scope.params, ...params, limit: PAGE, cursor: pageParam as string }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}
