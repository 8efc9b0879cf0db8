import { describe, expect, it } from "vitest";
import type { RehearsedRule, RuleGroup, RuleSummary, RuleTransition } from "@/api/types";
import { extentOf, firingBands, placeOf, roundedTo, ruleCounts, ruleHealth, ruleRows } from "./rules";

const rule = (id: string, more: Partial<RuleSummary> = {}): RuleSummary => ({
  ...{ id, kind: "alerting", name: id, query: `${id} > 1`, written_as: "", labels: {}, annotations: {} },
  ...{ for_seconds: 0, keep_firing_for_seconds: 0, line: 1, state: "inactive", health: "ok", error: "", warnings: [] },
  ...{ evaluated_at: null, evaluation_seconds: 0, pending: 0, firing: 0, ...more },
});
const group = (name: string, built_in: boolean, ...rules: RuleSummary[]): RuleGroup => ({
  ...{ file: `rules/${name}.yml`, name, built_in, interval_seconds: 60, query_offset_seconds: 0, limit: 0 },
  ...{ evaluated_at: null, evaluation_seconds: 0, next_due: "", missed: 0, rules },
});
const drill = (rule_id: string, drilled_at: string | null, changed = false): RehearsedRule => ({
  ...{ rule_id, alert: rule_id, group: "", file: "", severity: "", drilled_at, drilled_by: null, passed: true },
  ...{ told: [], changed },
});

describe("lists of rules", () => {
  const groups = [
    group("own", true, rule("Behind")),
    group("shop", false, rule("Fires", { state: "firing" }), rule("Fails", { health: "err" }), rule("Calm")),
  ];
  const drills = [
    drill("Fires", "2026-11-20T00:00:00Z"),
    drill("Calm", null),
    drill("Fails", "2026-11-20T00:00:00Z", true),
  ];

  it("Midwatch's own come last", () => {
    const found = ruleRows(groups, drills, undefined, "").map((row) => row.id);
    expect(found).toEqual(["rules/shop.yml shop", "Fires", "Fails", "Calm", "rules/own.yml own", "Behind"]);
  });
  it("never rehearsed are those without a drill, and those that changed after theirs", () => {
    const found = ruleRows(groups, drills, "unrehearsed", "").filter((row) => row.kind === "rule");
    expect(found.map((row) => row.id)).toEqual(["Fails", "Calm"]);
    expect(ruleCounts(groups, drills)).toEqual({ all: 4, firing: 1, pending: 0, failing: 1, unrehearsed: 2 });
  });
  it("hold every word of the filter in name, query, group or file", () => {
    expect(ruleRows(groups, drills, undefined, "SHOP fires").map((row) => row.id)).toEqual([
      "rules/shop.yml shop",
      "Fires",
    ]);
    expect(ruleRows(groups, drills, "pending", "")).toEqual([]);
  });
  it("one that cannot be evaluated is worse than one that fires", () => {
    expect(ruleHealth(rule("a", { health: "err", state: "firing" })).word).toBe("fails");
    expect(ruleHealth(rule("a", { health: "unknown" })).health).toBe("idle");
    expect(ruleHealth(rule("a", { kind: "recording" })).word).toBe("recorded");
  });
});

describe("when alerts fired", () => {
  const at = (minute: number) => new Date(minute * 60_000).toISOString();
  const change = (minute: number, before: string, after: string, fingerprint = "a") =>
    ({ time: at(minute), before, after, fingerprint }) as RuleTransition;
  const bands = (...changes: RuleTransition[]) =>
    firingBands(changes, 600_000, 1_200_000).map((band) => [band.startMs / 60_000, band.endMs / 60_000]);

  it.each([
    [
      "from firing to resolved, in any order",
      [change(15, "firing", "inactive"), change(12, "pending", "firing")],
      [[12, 15]],
    ],
    ["what still fires lasts to the end", [change(12, "pending", "firing")], [[12, 20]]],
    [
      "what began before is cut at the beginning",
      [change(5, "pending", "firing"), change(15, "firing", "inactive")],
      [[10, 15]],
    ],
    ["so is what began before all that is known", [change(15, "firing", "inactive")], [[10, 15]]],
    ["what was over before is left out", [change(5, "pending", "firing"), change(8, "firing", "inactive")], []],
    [
      "each alert for itself",
      [change(12, "pending", "firing"), change(14, "pending", "firing", "b"), change(15, "firing", "inactive")],
      [
        [12, 15],
        [14, 20],
      ],
    ],
  ])("%s", (_, changes, expected) => expect(bands(...changes)).toEqual(expected));
});

describe("the scale of a threshold", () => {
  it("holds all values and the threshold, from zero where that is near", () => {
    expect(extentOf([1, 10], 20)).toEqual([0, 22]);
    expect(extentOf([90, 100], 95)).toEqual([89, 101]);
    expect(extentOf([], null)).toEqual([0, 1]);
    expect(extentOf([5], null)).toEqual([4.5, 5.5]);
  });
  it("puts the most at the top and keeps what is outside at its rim", () => {
    expect([22, 11, 0, -5, 40].map((value) => placeOf(value, [0, 22]))).toEqual([0, 0.5, 1, 1, 0]);
  });
  it("writes as few digits as its length needs", () => {
    expect(roundedTo(103.4567, [0, 200])).toBe(103);
    expect(roundedTo(0.0123456, [0, 0.05])).toBe(0.0123);
  });
});
