import type { AlertEvent, RuleGroup, RuleNoiseShown } from "@/api/types";

export const CHANGE_KINDS = [
  "firing",
  "resolved",
  "notified",
  "acknowledged",
  "unacknowledged",
  "snoozed",
  "woken",
  "assigned",
  "silenced",
  "inhibited",
  "muted",
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** A change in the URL: its id, and its alert's fingerprint, so that the alert opens though the change is not listed. */
export function changeKey(event: Pick<AlertEvent, "id" | "fingerprint">): string {
  return `${event.id}.${event.fingerprint}`;
}

/** Empty where a change is of a whole group. */
export function fingerprintOf(key: string): string {
  return /^\d+\.([0-9a-f]{16,64})$/.exec(key)?.[1] ?? "";
}

/** Ids of the rules in force, by name; of several of one name the first. */
export function ruleIds(groups: readonly RuleGroup[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const rule of groups.flatMap((group) => group.rules))
    if (rule.kind === "alerting" && !found.has(rule.name)) found.set(rule.name, rule.id);
  return found;
}

export const NOISE_SORTS = [
  "rule",
  "fired",
  "notified",
  "acknowledged",
  "slept_through",
  "flapped",
  "silenced",
  "median_seconds",
] as const;
export type NoiseSort = (typeof NOISE_SORTS)[number];

/** By a column; without one as the server has them: the noisiest first. */
export function sortNoise(
  rules: readonly RuleNoiseShown[],
  by: NoiseSort | undefined,
  order: "up" | "down",
): readonly RuleNoiseShown[] {
  if (by === undefined) return rules;
  const sign = order === "up" ? 1 : -1;
  return [...rules].sort((a, b) => {
    const byName = a.rule.localeCompare(b.rule);
    return by === "rule" ? sign * byName : sign * ((a[by] ?? -1) - (b[by] ?? -1)) || byName;
  });
}

export interface NoiseTotals {
  fired: number;
  notified: number;
  acknowledged: number;
  slept: number;
  /** Rules of which something can be mended. */
  mendable: number;
}

export function noiseTotals(rules: readonly RuleNoiseShown[]): NoiseTotals {
  const sum = (value: (one: RuleNoiseShown) => number) => rules.reduce((total, one) => total + value(one), 0);
  return {
    fired: sum((one) => one.fired),
    notified: sum((one) => one.notified),
    acknowledged: sum((one) => one.acknowledged),
    slept: sum((one) => one.slept_through),
    mendable: sum((one) => Number(one.suggestions.length > 0)),
  };
}
