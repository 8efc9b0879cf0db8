import { oneOf, textOf } from "@/app/search";

export const SORTS = ["name", "rate", "errors", "p50", "p95", "p99", "logs"] as const;
export type Sort = (typeof SORTS)[number];

export interface ServicesSearch {
  filter?: string;
  sort?: Sort;
  order?: "up" | "down";
}

export function validateServices(raw: Record<string, unknown>): ServicesSearch {
  return {
    filter: textOf(raw, "filter"),
    sort: oneOf(raw, "sort", SORTS),
    order: oneOf(raw, "order", ["up", "down"] as const),
  };
}
