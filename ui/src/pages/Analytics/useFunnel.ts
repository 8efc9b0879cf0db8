import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { type ApiError, request } from "@/api/client";
import type { Funnel, FunnelPeopleQuery, FunnelResult, PersonList } from "@/api/types";
import { readRef, WINDOW_DEFAULT } from "@/model/analytics";
import { useScope } from "@/state/scope";
import type { AnalyticsSearch } from "./url";

const NONE: readonly string[] = [];

/** The funnel that the address describes. */
export function useFunnel(): Funnel {
  const { step = NONE, unit, window, by } = useSearch({ strict: false }) as AnalyticsSearch;
  return useMemo(
    () => ({
      steps: step.map((text) => ({ ...readRef(text), name: "" })),
      unit: unit ?? "person",
      window_seconds: window ?? WINDOW_DEFAULT,
      breakdown: by ?? "",
    }),
    [step, unit, window, by],
  );
}

export function useFunnelResult(funnel: Funnel) {
  const { params } = useScope();
  return useQuery<FunnelResult, ApiError>({
    queryKey: ["analytics/funnel", funnel, params],
    queryFn: ({ signal }) =>
      request("analytics/funnel", { method: "POST", body: { ...funnel, ...params, env: [...params.env] }, signal }),
    enabled: funnel.steps.length > 0,
    placeholderData: keepPreviousData,
  });
}

export type FunnelPlace = Pick<FunnelPeopleQuery, "step" | "outcome"> & { value?: string | undefined };

/** `took-2`, `left-3`. */
export function readPlace(text: string | undefined, steps: number): FunnelPlace | null {
  const match = /^(took|left)-(\d{1,2})$/.exec(text ?? "");
  const step = Number(match?.[2]);
  if (!match || step < 1 || step > steps || (match[1] === "left" && step === 1)) return null;
  return { outcome: match[1] as FunnelPlace["outcome"], step };
}

export function useFunnelPeople(funnel: Funnel, place: FunnelPlace) {
  const { params } = useScope();
  const body = { ...funnel, ...params, env: [...params.env], ...place, limit: 50 };
  return useQuery<PersonList, ApiError>({
    queryKey: ["analytics/funnel/people", body],
    queryFn: ({ signal }) => request("analytics/funnel/people", { method: "POST", body, signal }),
    placeholderData: keepPreviousData,
  });
}
