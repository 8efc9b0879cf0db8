import { describe, expect, it } from "vitest";
import type { AlertGroupShown, AlertMark, AlertShown } from "@/api/types";
import { alertRows, eventWords, matcherText, severityOf, standingOf, tellingLabels } from "./alerts";

function alert(name: string, more: Partial<AlertShown> = {}): AlertShown {
  const nothing = { silenced_by: [], inhibited_by: [], muted_by: [], marks: [], receivers: [], group_keys: [] };
  const at = "2026-11-20T22:00:00Z";
  return {
    ...{ fingerprint: name, name, labels: { alertname: name }, annotations: {}, starts_at: at, ends_at: at },
    ...{ updated_at: at, generator_url: "", state: "firing", ...nothing, ...more },
  };
}

function group(key: string, ...alerts: AlertShown[]): AlertGroupShown {
  const rest = { route_id: "", muted_by: [], looked_at_next: "", total: alerts.length, firing: alerts.length };
  return { key, receiver: "on-call", labels: {}, alerts, ...rest };
}

const mark = (kind: AlertMark["kind"]): AlertMark => ({
  ...{ id: kind, kind, by: "eve", at: "", comment: "", until: null, assignee: "", group_key: "", alerts: 1 },
});

describe("how an alert stands", () => {
  it.each([
    [{}, "open"],
    [{ marks: [mark("assigned")] }, "open"],
    [{ marks: [mark("acknowledged")], muted_by: ["nights"] }, "acknowledged"],
    [{ marks: [mark("acknowledged"), mark("snoozed")] }, "snoozed"],
    [{ marks: [mark("snoozed")], inhibited_by: ["a"] }, "inhibited"],
    [{ silenced_by: ["s"], inhibited_by: ["a"] }, "silenced"],
    [{ muted_by: ["nights"] }, "muted"],
  ] as const)("%j is %s", (more, standing) => {
    expect(standingOf(alert("A", more as Partial<AlertShown>))).toBe(standing);
  });
});

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

describe("rows", () => {
  const open = alert("Open", { labels: { alertname: "Open", severity: "warning" } });
  const grave = alert("Grave", { labels: { alertname: "Grave", severity: "page", queue: "mail" } });
  const held = alert("Held", { labels: { alertname: "Held", severity: "page" }, silenced_by: ["s"] });
  const groups = [group("held", held), group("open", open), group("grave", held, grave)];

  it("open and grave ones come first, within a group and of groups", () => {
    expect(alertRows(groups, undefined, "").map((row) => `${row.kind} ${row.id}`)).toEqual([
      ...["group grave", "alert Grave", "alert Held", "group open", "alert Open", "group held", "alert Held"],
    ]);
  });
  it("are those that stand as asked and hold every word", () => {
    expect(alertRows(groups, "silenced", "").filter((row) => row.kind === "alert")).toHaveLength(2);
    expect(alertRows(groups, undefined, "on-call QUEUE=mail").map((row) => row.id)).toEqual(["grave", "Grave"]);
    expect(alertRows(groups, "muted", "")).toEqual([]);
  });
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
