import { oneOf, textOf } from "@/app/search";
import { RULE_VIEWS, type RuleView } from "@/model/rules";

/** Which rules are listed, and the words of the filter. */
export interface RulesSearch {
  which?: RuleView;
  filter?: string;
}

export function validateRules(raw: Record<string, unknown>): RulesSearch {
  return { which: oneOf(raw, "which", RULE_VIEWS), filter: textOf(raw, "filter") };
}
