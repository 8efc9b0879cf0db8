import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type ApiError, request } from "@/api/client";
import type { RoutingAnswer, RoutingQuestion } from "@/api/types";
import { parseLabels } from "@/model/routing";

/** What the tree of routes does with labels, at a time or now; asked anew where the plan or the clock moved on. */
export function useAsked(text: string | undefined, at: string | undefined, everyMs: number) {
  const parsed = useMemo(() => (text === undefined ? undefined : parseLabels(text)), [text]);
  const labels = parsed && "labels" in parsed ? parsed.labels : undefined;
  const body: RoutingQuestion = { labels: labels ?? {}, ...(at === undefined ? {} : { time: at }) };
  const query = useQuery<RoutingAnswer, ApiError>({
    queryKey: ["alert-routing", "asked", body],
    queryFn: ({ signal }) => request<RoutingAnswer>("alert-routing", { method: "POST", body, signal }),
    placeholderData: keepPreviousData,
    enabled: labels !== undefined,
    refetchInterval: everyMs,
  });
  return { query, asked: labels !== undefined, mistake: parsed && "error" in parsed ? parsed.error : undefined };
}
