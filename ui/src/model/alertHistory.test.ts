import { describe, expect, it } from "vitest";
import type { RuleGroup, RuleNoiseShown, RuleSummary } from "@/api/types";
import { changeKey, fingerprintOf, noiseTotals, ruleIds, sortNoise } from "./alertHistory";

function noise(rule: string, more: Partial<RuleNoiseShown> = {}): RuleNoiseShown {
  const none = { fired: 0, notified: 0, acknowledged: 0, slept_through: 0, flapped: 0, silenced: 0 };
  return { rule, ...none, median_seconds: null, suggestions: [], ...more };
}

const rules = [
  noise("Loud", { fired: 9, notified: 8, slept_through: 7, median_seconds: 60, suggestions: ["route it to a ticket"] }),
  noise("Alert", { fired: 9, notified: 2, acknowledged: 2 }),
  noise("Quiet", { fired: 1, median_seconds: 600 }),
];

describe("the noise report", () => {
  it.each([
    [undefined, "down", ["Loud", "Alert", "Quiet"]],
    ["fired", "down", ["Alert", "Loud", "Quiet"]],
    ["rule", "up", ["Alert", "Loud", "Quiet"]],
    ["median_seconds", "down", ["Quiet", "Loud", "Alert"]],
    ["median_seconds", "up", ["Alert", "Loud", "Quiet"]],
  ] as const)("by %s %s is %j", (by, order, names) => {
    expect(sortNoise(rules, by, order).map((one) => one.rule)).toEqual(names);
  });
  it("is summed", () => {
    expect(noiseTotals(rules)).toEqual({ fired: 19, notified: 10, acknowledged: 2, slept: 7, mendable: 1 });
  });
});

it("a change's key has its alert, and none where it is of a group", () => {
  const fingerprint = "00000000000000ff";
  expect(fingerprintOf(changeKey({ id: 7, fingerprint }))).toBe(fingerprint);
  expect(fingerprintOf(changeKey({ id: 7, fingerprint: "" }))).toBe("");
  expect(fingerprintOf("7.nonsense")).toBe("");
});

it("rules are found by name, the first of several, and no recording ones", () => {
  const rule = (id: string, name: string, kind: RuleSummary["kind"] = "alerting") => ({ id, name, kind });
  const groups = [{ rules: [rule("1", "Down"), rule("2", "Down"), rule("3", "job:up", "recording")] }];
  expect([...ruleIds(groups as unknown as RuleGroup[])]).toEqual([["Down", "1"]]);
});
