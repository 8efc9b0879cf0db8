import { textOf } from "@/app/search";
import { type OpenSearch, validateOpen } from "@/state/useOpened";

/** What a view of objectives is: the words of its filter, which one is open, and whether one is composed. */
export interface SlosSearch extends OpenSearch {
  filter?: string;
  compose?: string;
}

export function validateSlos(raw: Record<string, unknown>): SlosSearch {
  return { ...validateOpen(raw), filter: textOf(raw, "filter"), compose: textOf(raw, "compose") };
}
