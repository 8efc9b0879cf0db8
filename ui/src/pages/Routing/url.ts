import { textOf } from "@/app/search";

/** What is asked: labels as they are typed, and a time (RFC 3339); and the words that narrow the tree. */
export interface RoutingSearch {
  labels?: string;
  at?: string;
  filter?: string;
}

export function validateRouting(raw: Record<string, unknown>): RoutingSearch {
  const at = textOf(raw, "at");
  return {
    labels: textOf(raw, "labels"),
    at: at !== undefined && !Number.isNaN(Date.parse(at)) ? at : undefined,
    filter: textOf(raw, "filter"),
  };
}
