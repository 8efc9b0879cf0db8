import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type ApiError, type Params, request } from "@/api/client";
import { LIVE_MS } from "@/api/queries";
import type { IssuePage } from "@/api/types";
import { standingParams } from "@/model/errors/issue";
import { useLive } from "@/state/live";
import { useScope } from "@/state/scope";
import type { ErrorsSearch } from "./url";

const PAGE = 50;
const JOIN = ",";

/** Issues with events in the page's range, page after page. */
export function useIssues(search: ErrorsSearch) {
  const { params } = useScope();
  const { live } = useLive();
  const asked = useMemo(() => paramsOf(search), [search]);
  const pages = useInfiniteQuery<IssuePage, ApiError>({
    queryKey: ["issues", "list", asked, params],
    queryFn: ({ pageParam, signal }) =>
      request<IssuePage>("issues", {
        params: { ...params, ...asked, limit: PAGE, offset: pageParam as number },
        signal,
      }),
    initialPageParam: 0,
    getNextPageParam: (last, all) => {
      const shown = all.reduce((sum, page) => sum + page.issues.length, 0);
      return last.issues.length > 0 && shown < last.total ? shown : undefined;
    },
    placeholderData: keepPreviousData,
    // Who has scrolled on reads: the list stays as it is.
    refetchInterval: ({ state }) => (live && (state.data?.pages.length ?? 0) <= 1 ? LIVE_MS : false),
  });
  const issues = useMemo(() => {
    // An issue that came to the front while one read on is in two pages.
    const found = new Map((pages.data?.pages ?? []).flatMap((page) => page.issues).map((one) => [one.id, one]));
    return [...found.values()];
  }, [pages.data]);
  return { pages, issues, first: pages.data?.pages[0] };
}

function paramsOf(search: ErrorsSearch): Params {
  const { severity, category, priority, service, release, handled } = search;
  return {
    ...standingParams(search.standing ?? "unresolved"),
    query: search.query,
    severity: severity?.join(JOIN),
    category: category?.join(JOIN),
    priority: priority?.join(JOIN),
    service: service?.join(JOIN),
    release: release?.join(JOIN),
    first_release: search.first,
    assignee: search.assignee,
    handled: handled && handled === "yes",
    sort: search.sort,
  };
}
