import { oneOf, textOf } from "@/app/search";
import { CHANGE_KINDS, type ChangeKind, NOISE_SORTS, type NoiseSort } from "@/model/alertHistory";
import { type OpenSearch, validateOpen } from "@/state/useOpened";

export const HISTORY_TABS = ["changes", "noise"] as const;
export type HistoryTab = (typeof HISTORY_TABS)[number];

/** Changes of alerts by rule, matchers and kind, with the one that is open; or rules by how noisy they are. */
export interface AlertHistorySearch extends OpenSearch {
  tab?: HistoryTab;
  rule?: string;
  matchers?: string;
  kind?: ChangeKind;
  sort?: NoiseSort;
  order?: "up" | "down";
}

export function validateAlertHistory(raw: Record<string, unknown>): AlertHistorySearch {
  return {
    tab: oneOf(raw, "tab", HISTORY_TABS),
    rule: textOf(raw, "rule"),
    matchers: textOf(raw, "matchers"),
    kind: oneOf(raw, "kind", CHANGE_KINDS),
    sort: oneOf(raw, "sort", NOISE_SORTS),
    order: oneOf(raw, "order", ["up", "down"] as const),
    ...validateOpen(raw),
  };
}
