import type { RehearsedRule, RuleGroup, RuleSummary, RuleTransition } from "@/api/types";
import type { ChartSpan } from "@/components/Chart";
import type { Health } from "./red";

export const RULE_VIEWS = ["firing", "pending", "failing", "unrehearsed"] as const;
export type RuleView = (typeof RULE_VIEWS)[number];
export type RuleRow =
  | { kind: "group"; id: string; group: RuleGroup }
  | { kind: "rule"; id: string; rule: RuleSummary; group: RuleGroup; drill: RehearsedRule | undefined };

/** Midwatch's own: about its rules, or made by one of its other parts. */
export function ownOf(group: RuleGroup): boolean {
  return group.built_in || group.file.startsWith("midwatch/");
}

/** A rule that was not rehearsed as it now is. */
export function unrehearsed(drill: RehearsedRule | undefined): boolean {
  return drill !== undefined && (drill.drilled_at === null || drill.changed);
}

/** Groups, each with those of its rules that are asked for; Midwatch's own last. */
export function ruleRows(
  groups: readonly RuleGroup[],
  drills: readonly RehearsedRule[],
  view: RuleView | undefined,
  filter: string,
): RuleRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const byId = new Map(drills.map((drill) => [drill.rule_id, drill]));
  const sorted = [...groups].sort((a, b) => Number(ownOf(a)) - Number(ownOf(b)));
  return sorted.flatMap((group) => {
    const rules = group.rules.filter((rule) => {
      const text = `${rule.name} ${rule.query} ${group.name} ${group.file}`.toLowerCase();
      return is(rule, byId.get(rule.id), view) && words.every((word) => text.includes(word));
    });
    if (rules.length === 0) return [];
    return [
      { kind: "group" as const, id: `${group.file} ${group.name}`, group },
      ...rules.map((rule) => ({ kind: "rule" as const, id: rule.id, rule, group, drill: byId.get(rule.id) })),
    ];
  });
}

export function ruleCounts(
  groups: readonly RuleGroup[],
  drills: readonly RehearsedRule[],
): Record<RuleView | "all", number> {
  const byId = new Map(drills.map((drill) => [drill.rule_id, drill]));
  const rules = groups.flatMap((group) => group.rules);
  const count = (view: RuleView | undefined) => rules.filter((rule) => is(rule, byId.get(rule.id), view)).length;
  return {
    all: count(undefined),
    firing: count("firing"),
    pending: count("pending"),
    failing: count("failing"),
    unrehearsed: count("unrehearsed"),
  };
}

function is(rule: RuleSummary, drill: RehearsedRule | undefined, view: RuleView | undefined): boolean {
  if (view === undefined) return true;
  if (view === "failing") return rule.health === "err";
  return view === "unrehearsed" ? unrehearsed(drill) : rule.state === view;
}

/** How a rule is, at a glance: one that cannot be evaluated is worse than one that fires. */
export function ruleHealth(rule: RuleSummary): { health: Health; word: string } {
  if (rule.health === "err") return { health: "bad", word: "fails" };
  if (rule.state === "firing") return { health: "bad", word: "firing" };
  if (rule.state === "pending") return { health: "warning", word: "pending" };
  if (rule.health === "unknown") return { health: "idle", word: "not evaluated" };
  return { health: "good", word: rule.kind === "recording" ? "recorded" : "inactive" };
}

/** A time in which something fired, or was about to; milliseconds. */
export interface Band {
  startMs: number;
  endMs: number;
  firing: boolean;
}

/** When each alert of a rule was firing within a range, from its changes, newest first or not. What still fires lasts to the end. */
export function firingBands(transitions: readonly RuleTransition[], startMs: number, endMs: number): Band[] {
  const sorted = [...transitions].sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
  const began = new Map<string, number>();
  const bands: Band[] = [];
  const close = (fingerprint: string, atMs: number) => {
    const from = began.get(fingerprint);
    began.delete(fingerprint);
    if (from !== undefined && atMs > startMs && from < endMs)
      bands.push({ startMs: Math.max(from, startMs), endMs: Math.min(atMs, endMs), firing: true });
  };
  for (const one of sorted) {
    const at = Date.parse(one.time);
    if (one.after === "firing") began.set(one.fingerprint, at);
    else if (one.before === "firing") {
      // It began before the oldest change that is known.
      if (!began.has(one.fingerprint)) began.set(one.fingerprint, startMs);
      close(one.fingerprint, at);
    }
  }
  for (const fingerprint of [...began.keys()]) close(fingerprint, endMs);
  return bands;
}

/** As a chart shades them. */
export function spansOf(bands: readonly Band[]): ChartSpan[] {
  return bands.map(({ startMs, endMs, firing }) => ({
    ...{ startMs, endMs, color: firing ? "var(--bad-line)" : "var(--warning-line)" },
  }));
}

/** The least and the most that a chart shows: all of the values and the threshold, with some air; from zero where near. */
export function extentOf(values: readonly number[], threshold: number | null): [number, number] {
  let low = threshold ?? Infinity;
  let high = threshold ?? -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!Number.isFinite(low)) return [0, 1];
  if (low >= 0 && low < high / 2) low = 0;
  const air = (high - low || Math.abs(high) || 1) * 0.1;
  return [low === 0 ? 0 : low - air, high + air];
}

/** Where a value stands between the least (1, at the foot) and the most (0, at the top), and back. */
export function placeOf(value: number, [low, high]: readonly [number, number]): number {
  return Math.min(1, Math.max(0, (high - value) / (high - low)));
}

/** A threshold as a person would write it: as few digits as tell it from its neighbours on a scale so long. */
export function roundedTo(value: number, [low, high]: readonly [number, number]): number {
  const step = 10 ** Math.floor(Math.log10((high - low) / 100));
  return Number((Math.round(value / step) * step).toPrecision(12));
}
