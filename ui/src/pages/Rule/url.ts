import { oneOf, textOf } from "@/app/search";

export const RULE_TABS = ["backtest", "drill"] as const;
export const SPANS = ["now-1d", "now-3d", "now-7d", "now-14d"] as const;

/** What of a rule is shown, how far back a backtest looks, the threshold that is tried in it, and whose band is drawn. */
export interface RuleSearch {
  tab?: (typeof RULE_TABS)[number];
  over?: (typeof SPANS)[number];
  threshold?: string;
  series?: string;
}

export function validateRule(raw: Record<string, unknown>): RuleSearch {
  const threshold = typeof raw.threshold === "number" ? String(raw.threshold) : textOf(raw, "threshold");
  return {
    tab: oneOf(raw, "tab", RULE_TABS),
    over: oneOf(raw, "over", SPANS),
    threshold: threshold !== undefined && Number.isFinite(Number(threshold)) ? threshold : undefined,
    series: textOf(raw, "series"),
  };
}
