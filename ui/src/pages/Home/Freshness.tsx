import type { UseQueryResult } from "@tanstack/react-query";
import type { ApiError } from "@/api/client";
import type { SystemStatus } from "@/api/types";
import { SignalTable } from "@/components/SignalTable";
import { Loaded, SkeletonRows } from "@/components/State";

export function Freshness({ query }: { query: UseQueryResult<SystemStatus, ApiError> }) {
  return (
    <Loaded query={query} what="what comes in" skeleton={<SkeletonRows rows={3} />}>
      {(status) => <SignalTable signals={status.signals} />}
    </Loaded>
  );
}
