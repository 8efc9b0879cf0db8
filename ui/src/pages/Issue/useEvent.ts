import type { UseQueryResult } from "@tanstack/react-query";
import type { ApiError } from "@/api/client";
import { useApi } from "@/api/queries";
import type { EventDetail, IssueSummary } from "@/api/types";
import { useScope } from "@/state/scope";

const STALE_MS = 60_000;
const MARGIN_MS = 60_000;
/** `recommended`: the newest that is whole and says most. */
export const KEYWORDS = ["recommended", "latest", "oldest"] as const;

export interface Found {
  query: UseQueryResult<EventDetail, ApiError>;
  /** It is of none of the times that the page shows. */
  elsewhere: boolean;
}

/** One event of an issue. Where the page's range holds none it is looked for in the whole of the issue's life. */
export function useEvent(issue: IssueSummary, which: string): Found {
  const { params } = useScope();
  const within = useApi<EventDetail>(
    `issues/${issue.id}/events/${encodeURIComponent(which)}`,
    { ...params },
    { staleMs: STALE_MS },
  );
  const nothing = within.isError && within.error.status === 404;
  const around = {
    start: new Date(Date.parse(issue.first_seen) - MARGIN_MS).toISOString(),
    end: new Date(Date.parse(issue.last_seen) + MARGIN_MS).toISOString(),
  };
  const ever = useApi<EventDetail>(`issues/${issue.id}/events/${encodeURIComponent(which)}`, around, {
    enabled: nothing,
    staleMs: STALE_MS,
  });
  return nothing ? { query: ever, elsewhere: true } : { query: within, elsewhere: false };
}
