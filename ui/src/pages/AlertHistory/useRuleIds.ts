import { useMemo } from "react";
import { useApi } from "@/api/queries";
import type { RuleGroups } from "@/api/types";
import { ruleIds } from "@/model/alertHistory";

/** Ids of the rules in force by name, to link to them: alerts of others come from elsewhere, or their rule is gone. */
export function useRuleIds(): ReadonlyMap<string, string> {
  const rules = useApi<RuleGroups>("rules", {}, { staleMs: 60_000 });
  return useMemo(() => ruleIds(rules.data?.groups ?? []), [rules.data]);
}
