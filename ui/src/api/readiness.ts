import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { ApiError } from "./client";
import type { SystemStatus } from "./types";

/** What `/ready` says of Midwatch's parts; it answers within seconds also when one of them hangs. */
export interface Readiness {
  ready: boolean;
  checks: SystemStatus["checks"];
}

const ASK_MS = 15_000;
const UNWELL_MS = 3000;

async function ask(signal: AbortSignal): Promise<Readiness> {
  let answer: Response;
  try {
    answer = await fetch("/ready", { signal, headers: { accept: "application/json" } });
    return (await answer.json()) as Readiness;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, {
      error: "Midwatch does not answer: is the server running?",
      code: "no_answer",
      request_id: "",
    });
  }
}

export function useReadiness(): UseQueryResult<Readiness, ApiError> {
  return useQuery<Readiness, ApiError>({
    queryKey: ["ready"],
    queryFn: ({ signal }) => ask(signal),
    retry: false,
    refetchInterval: ({ state }) => (state.error || state.data?.ready === false ? UNWELL_MS : ASK_MS),
  });
}
