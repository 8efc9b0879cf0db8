import { describe, expect, it } from "vitest";
import type { AlertGroupShown, AlertShown } from "@/api/types";
import { alertRows, eventWords, matcherText, severityOf, tellingLabels } from "./alerts";

function alert(name: string, more: Partial<AlertShown> = {}): AlertShown {
  const nothing = { silenced_by: [], inhibited_by: [], muted_by: [], marks: [], receivers: [], group_keys: [] };
  const at = "2026-11-20T22:00:00Z";
  return {
    ...{ fingerprint: name, name, labels: { alertname: name }, annotations: {}, starts_at: at, ends_at: at },
    ...{ updated_at: at, generator_url: "", state: "firing", standing: "open", ...nothing, ...more },
  };
}

function group(key: string, ...alerts: AlertShown[]): AlertGroupShown {
  const rest = { route_id: "", muted_by: [], looked_at_next: "", total: alerts.length, firing: alerts.length };
  return { key, receiver: "on-call", labels: {}, alerts, ...rest };
}

describe("severities", () => {
  it.each([
    [{ severity: "critical" }, "bad"],
    [{ severity: "page" }, "bad"],
    [{ priority: "P1" }, "bad"],
    [{ severity: "warning" }, "warning"],
    [{ severity: "info" }, "idle"],
    [{}, "idle"],
  ])("%j is %s", (labels, health) => expect(severityOf(labels as Record<string, string>).health).toBe(health));
});

it("rows are groups with their alerts below, and how many of these are open", () => {
  const groups = [group("a", alert("Open"), alert("Held", { standing: "silenced" })), group("b", alert("Other"))];
  const rows = alertRows(groups);
  expect(rows.map((row) => `${row.kind} ${row.id}`)).toEqual([
    ...["group a", "alert Open", "alert Held", "group b", "alert Other"],
  ]);
  expect(rows.map((row) => (row.kind === "group" ? row.open : null))).toEqual([1, null, null, 1, null]);
});

it("labels that a group shares do not tell its alerts apart", () => {
  expect(tellingLabels({ alertname: "A", severity: "page", b: "2", a: "1" }, { b: "2" })).toEqual([["a", "1"]]);
});

it("matchers of all labels begin with the name and quote what they hold", () => {
  expect(matcherText({ a: 'say "hi"', alertname: "A" })).toBe('alertname="A", a="say \\"hi\\""');
});

it.each([
  [{ kind: "notified", receiver: "on-call" }, "Told on-call"],
  [{ kind: "silenced", receiver: "on-call" }, "Not told to on-call: silenced"],
  [{ kind: "acknowledged", by: "eve" }, "Acknowledged by eve"],
  [{ kind: "unacknowledged", by: "eve" }, "No longer acknowledged, taken back by eve"],
  [{ kind: "assigned", by: "eve", details: { assignee: "max" } }, "Assigned to max by eve"],
  [{ kind: "escalated_further" }, "Escalated further"],
])("%j reads %s", (event, words) => {
  expect(eventWords({ by: "", receiver: "", details: {}, ...event })).toBe(words);
});
