import { describe, expect, it } from "vitest";
import type { IntegrationStatus } from "@/api/types";
import { countsText, groupLabels, groupName, integrationFares, readableBody, receiverRows } from "./notifications";

describe("what a notification is about", () => {
  it.each([
    ['{}:{alertname="Down"}', { alertname: "Down" }],
    ['{}/{team="a:{b}"}:{alertname="Down", path="a:{\\"b\\"}"}', { alertname: "Down", path: 'a:{"b"}' }],
    ["{}:{}", {}],
    ["{}/test:0123456789abcdef", {}],
    ["", {}],
  ])("%s", (key, labels) => expect(groupLabels(key)).toEqual(labels));
  it.each([
    ['{}:{service="web", alertname="Down"}', "Down · web"],
    ["{}:{}", "All alerts"],
    ["{}/test:0123456789abcdef", "A test"],
  ])("%s in words", (key, name) => expect(groupName(key)).toBe(name));
  it("is counted", () => {
    expect([countsText(2, 1), countsText(0, 3), countsText(0, 0)]).toEqual([
      "2 firing, 1 resolved",
      "3 resolved",
      "nothing",
    ]);
  });
});

describe("a body", () => {
  it.each([
    ['{"a":[1]}', '{\n  "a": [\n    1\n  ]\n}'],
    ['{"a":[1', '{"a":[1'],
    ["sent=1", "sent=1"],
    ["", ""],
  ])("%s", (body, shown) => expect(readableBody(body)).toBe(shown));
});

describe("receivers", () => {
  const works: IntegrationStatus = {
    ...{ integration: "webhook[0]", last_delivered: "2026-11-27T12:00:00Z", last_failed: null },
    ...{ failing_since: null, lost: false, error: "" },
  };
  const fails = { ...works, integration: "slack[0]", failing_since: "2026-11-27T13:00:00Z", error: "answered 500" };
  it("are as their newest message went", () => {
    const never = { ...works, last_delivered: null };
    expect([works, fails, { ...works, lost: true }, never].map((one) => integrationFares(one).word)).toEqual([
      "works",
      "fails",
      "lost a message",
      "never used",
    ]);
  });
  it("that fail come first, each with all of its integrations", () => {
    const rows = receiverRows([
      { name: "chat", integrations: [works] },
      { name: "on-call", integrations: [works, fails] },
    ]);
    expect(rows.map((row) => [row.receiver, row.first, row.integration.integration])).toEqual([
      ["on-call", true, "webhook[0]"],
      ["on-call", false, "slack[0]"],
      ["chat", true, "webhook[0]"],
    ]);
  });
});
