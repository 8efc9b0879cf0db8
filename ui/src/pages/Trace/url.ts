import { textOf } from "@/app/search";

export interface TraceSearch {
  query?: string;
}

export function validateTrace(raw: Record<string, unknown>): TraceSearch {
  return { query: textOf(raw, "query") };
}
