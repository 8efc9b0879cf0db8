import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type ApiError, request } from "@/api/client";
import { LIVE_MS } from "@/api/queries";
import type { AlertHistory } from "@/api/types";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";
import type { AlertHistorySearch } from "./url";

const PAGE = 200;

/** Changes over the page's time range, newest first, page after page. */
export function useChanges({ rule, matchers, kind }: AlertHistorySearch) {
  const { params } = useScope();
  const { live } = useLive();
  const asked = { start: params.start, end: params.end, rule, filter: matchers, kind };
  const pages = useInfiniteQuery<AlertHistory, ApiError>({
    queryKey: ["alert-history", "changes", asked],
    queryFn: ({ pageParam, signal }) =>
      request<AlertHistory>("alert-history", {
        params: { ...asked, limit: PAGE, cursor: pageParam as string },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    // Who has read on stays where they are.
    refetchInterval: ({ state }) => (live && (state.data?.pages.length ?? 0) <= 1 ? LIVE_MS : false),
  });
  const events = useMemo(() => pages.data?.pages.flatMap((page) => page.events) ?? [], [pages.data]);
  return { pages, events };
}
