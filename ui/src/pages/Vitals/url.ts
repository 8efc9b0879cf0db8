import { oneOf, textOf } from "@/app/search";
import { type OpenSearch, validateOpen } from "@/state/useOpened";
import { FILTERS, type Filter, VITALS, type VitalName } from "@/model/vitals";

/** Which vital is drawn, what the figures are narrowed to, and the order of single measurements. */
export interface VitalsSearch extends OpenSearch, Partial<Record<Filter, string>> {
  vital?: VitalName;
  order?: "newest";
}

export function validateVitals(raw: Record<string, unknown>): VitalsSearch {
  const filters = Object.fromEntries(FILTERS.map((name) => [name, textOf(raw, name)]));
  return {
    ...validateOpen(raw),
    ...filters,
    vital: oneOf(raw, "vital", VITALS),
    order: oneOf(raw, "order", ["newest"] as const),
  };
}
