import { textOf } from "@/app/search";

export interface TracesSearch {
  query?: string;
}

export function validateTraces(raw: Record<string, unknown>): TracesSearch {
  return { query: textOf(raw, "query") };
}
