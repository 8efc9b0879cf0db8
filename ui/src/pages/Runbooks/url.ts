import { listOf, textOf } from "@/app/search";

/** The alert that one came from, by its fingerprint, as links of notifications have it; and labels that somebody gave
 * where none says them, as `name=value`. */
export interface RunbookSearch {
  alert?: string;
  label?: string[];
}

export function validateRunbook(raw: Record<string, unknown>): RunbookSearch {
  return { alert: textOf(raw, "alert"), label: listOf(raw, "label") };
}
