import { numberOf, oneOf, textOf } from "@/app/search";

/** `min` and `max` are milliseconds of the whole trace. */
export interface TracesSearch {
  query?: string;
  order?: "newest" | "slowest";
  min?: number;
  max?: number;
}

export function validateTraces(raw: Record<string, unknown>): TracesSearch {
  return {
    query: textOf(raw, "query"),
    order: oneOf(raw, "order", ["newest", "slowest"] as const),
    min: numberOf(raw, "min"),
    max: numberOf(raw, "max"),
  };
}
