import { oneOf, textOf } from "@/app/search";
import { SHOWN, type Shown } from "@/model/targets";

/** What a Targets view is: its job, its health or what was dropped, the words of its filter, the open target, and whether that fills the page. */
export interface TargetsSearch {
  job?: string;
  health?: Shown;
  filter?: string;
  target?: string;
  full?: string;
}

export function validateTargets(raw: Record<string, unknown>): TargetsSearch {
  return {
    job: textOf(raw, "job"),
    health: oneOf(raw, "health", SHOWN),
    filter: textOf(raw, "filter"),
    target: textOf(raw, "target"),
    full: textOf(raw, "full"),
  };
}
