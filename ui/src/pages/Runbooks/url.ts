import { textOf } from "@/app/search";

/** The alert that one came from, by its fingerprint, as links of notifications have it. */
export interface RunbookSearch {
  alert?: string;
}

export function validateRunbook(raw: Record<string, unknown>): RunbookSearch {
  return { alert: textOf(raw, "alert") };
}
