import { textOf } from "@/app/search";

export interface CardinalitySearch {
  /** Chosen among what makes the most series. */
  metric?: string;
}

export function validateCardinality(raw: Record<string, unknown>): CardinalitySearch {
  return { metric: textOf(raw, "metric") };
}
