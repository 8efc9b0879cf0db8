import { textOf } from "@/app/search";
import { type OpenSearch, validateOpen } from "@/state/useOpened";

/** What a view of releases is: the words of its filter, which one is open, and whether the page shows how to send. */
export interface ReleasesSearch extends OpenSearch {
  filter?: string;
  how?: string;
}

export function validateReleases(raw: Record<string, unknown>): ReleasesSearch {
  return { ...validateOpen(raw), filter: textOf(raw, "filter"), how: textOf(raw, "how") };
}
