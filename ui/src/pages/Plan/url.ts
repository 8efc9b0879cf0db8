import { oneOf, textOf } from "@/app/search";
import { type RowState, SINCE, type Since, STATES } from "@/model/verify";

export const PARTS = ["findings", "contract"] as const;
export type Part = (typeof PARTS)[number];
export const LABELS: Record<Part, string> = { findings: "Findings", contract: "Contract" };

export const SEVERITIES = ["error", "warning"] as const;

/** What a view of the plan is: its part, how far back it looks, and what of it is shown. */
export interface PlanSearch {
  part?: Part;
  since?: Since;
  severity?: (typeof SEVERITIES)[number];
  state?: RowState;
  filter?: string;
}

export function validatePlan(raw: Record<string, unknown>): PlanSearch {
  return {
    part: oneOf(raw, "part", PARTS),
    since: oneOf(raw, "since", SINCE),
    severity: oneOf(raw, "severity", SEVERITIES),
    state: oneOf(raw, "state", STATES),
    filter: textOf(raw, "filter"),
  };
}
