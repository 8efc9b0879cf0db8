import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type ApiError, request } from "@/api/client";
import { LIVE_MS } from "@/api/queries";
import type { NotificationList } from "@/api/types";
import type { NotificationsSearch } from "./url";

const PAGE = 100;
/** Of so many notifications the list is not asked anew by itself: whoever reads that far back looks at what was. */
const ANEW_MAX = 300;

/** Notifications by receiver, state and alert, newest first, page after page. */
export function useSent({ receiver, state, alert }: NotificationsSearch) {
  const params = { receiver, state, fingerprint: alert };
  const pages = useInfiniteQuery<NotificationList, ApiError>({
    queryKey: ["notifications", "sent", params],
    queryFn: ({ pageParam, signal }) =>
      request<NotificationList>("notifications", {
        params: { ...params, limit: PAGE, before: pageParam as string },
        signal,
      }),
    initialPageParam: "",
    getNextPageParam: (page) => (page.more ? page.notifications.at(-1)?.id : undefined),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) => ((data?.pages.length ?? 0) * PAGE > ANEW_MAX ? false : LIVE_MS),
  });
  const notifications = useMemo(() => pages.data?.pages.flatMap((page) => page.notifications) ?? [], [pages.data]);
  return { pages, notifications };
}
