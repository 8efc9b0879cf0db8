import { oneOf, textOf } from "@/app/search";

export interface TracesSearch {
  query?: string;
  order?: "newest" | "slowest";
}

export function validateTraces(raw: Record<string, unknown>): TracesSearch {
  return { query: textOf(raw, "query"), order: oneOf(raw, "order", ["newest", "slowest"] as const) };
}
