import { useScopedApi } from "@/api/queries";
import type { LogPage } from "@/api/types";
import { errorsLike, LogLines } from "@/components/LogLines";
import { Loaded, SkeletonRows } from "@/components/State";
import { useAskedAgain } from "./asking";

export function RecentErrors() {
  const askedAgain = useAskedAgain();
  const query = useScopedApi<LogPage>("logs", { query: "(level:error OR level:fatal)", limit: 8 }, askedAgain);
  return (
    <Loaded
      query={query}
      what="the recent errors"
      skeleton={<SkeletonRows rows={3} />}
      empty={(data) => data.rows.length === 0 && <p className="soft">No error line in this time range.</p>}
    >
      {(data) => <LogLines rows={data.rows} searchOf={errorsLike} />}
    </Loaded>
  );
}
