import { oneOf, textOf } from "@/app/search";
import { SILENCE_STATES, type SilenceState } from "@/model/silences";
import { type OpenSearch, validateOpen } from "@/state/useOpened";

/** Silences of one state, the words of the filter, and the silence that is open. */
export interface SilencesSearch extends OpenSearch {
  state?: SilenceState;
  filter?: string;
}

export function validateSilences(raw: Record<string, unknown>): SilencesSearch {
  return { state: oneOf(raw, "state", SILENCE_STATES), filter: textOf(raw, "filter"), ...validateOpen(raw) };
}
