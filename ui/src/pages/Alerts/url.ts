import { oneOf, textOf } from "@/app/search";
import { type Standing, STANDINGS } from "@/model/alerts";
import { type OpenSearch, validateOpen } from "@/state/useOpened";

/** How the alerts shown stand, the words of the filter, the one group that is shown, and the alert that is open, by its fingerprint. */
export interface AlertsSearch extends OpenSearch {
  standing?: Standing;
  filter?: string;
  group?: string;
}

export function validateAlerts(raw: Record<string, unknown>): AlertsSearch {
  return {
    standing: oneOf(raw, "standing", STANDINGS),
    filter: textOf(raw, "filter"),
    group: textOf(raw, "group"),
    ...validateOpen(raw),
  };
}
