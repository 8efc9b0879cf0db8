import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ApiError, request } from "@/api/client";
import type { BacktestAnswer, BacktestRequest } from "@/api/types";

/** A rule replayed over what is stored; old answers stay while a new one is worked out. */
export function useBacktest(body: BacktestRequest, everyMs?: number) {
  return useQuery<BacktestAnswer, ApiError>({
    queryKey: ["backtests", body],
    queryFn: ({ signal }) => request<BacktestAnswer>("backtests", { method: "POST", body, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: everyMs ?? false,
    staleTime: 30_000,
  });
}
