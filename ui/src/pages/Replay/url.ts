import { numberOf, oneOf, textOf } from "@/app/search";

export const LISTS = ["all", "console", "network", "error"] as const;
export type ListName = (typeof LISTS)[number];

/** Where it stands: `t` in seconds from the beginning, or `at`, a time of day as others know it; and what is listed beside it. */
export interface ReplaySearch {
  t?: number;
  at?: string;
  list?: ListName;
  find?: string;
}

export function validateReplay(raw: Record<string, unknown>): ReplaySearch {
  return { t: numberOf(raw, "t"), at: textOf(raw, "at"), list: oneOf(raw, "list", LISTS), find: textOf(raw, "find") };
}
