import { oneOf, textOf } from "@/app/search";
import { SHOWN, type Shown } from "@/model/targets";
import { type OpenSearch, validateOpen } from "@/state/useOpened";

/** Of which job, of what health or what was dropped, the words of its filter, and which target is open. */
export interface TargetsSearch extends OpenSearch {
  job?: string;
  health?: Shown;
  filter?: string;
}

export function validateTargets(raw: Record<string, unknown>): TargetsSearch {
  return {
    job: textOf(raw, "job"),
    health: oneOf(raw, "health", SHOWN),
    filter: textOf(raw, "filter"),
    ...validateOpen(raw),
  };
}
