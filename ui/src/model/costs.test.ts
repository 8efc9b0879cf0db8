import { describe, expect, it } from "vitest";
import type { CostReport, StorageRow } from "@/api/types";
import {
  budgetHealth,
  chartSeries,
  moneyText,
  narrowedBy,
  readMatch,
  recordsQuery,
  senders,
  spansQuery,
  storageSeries,
  valueName,
  writeMatch,
} from "./costs";

describe("money", () => {
  it.each([
    ["12.3", "USD", "$12.30"],
    ["1234.567", "EUR", "€1,234.57"],
    ["0", "USD", "$0.00"],
    ["-3", "USD", "-$3.00"],
    ["0.0042", "USD", "$0.0042"],
    ["-0.0000123456", "USD", "-$0.0000123"],
    ["0.000000000001", "USD", "$< 0.000000001"],
    [null, "USD", "–"],
  ])("%s %s is %s", (amount, currency, text) => expect(moneyText(amount, currency)).toBe(text));
});

describe("narrowing", () => {
  it("is read and written as the URL has it, values with = in them too", () => {
    const match = readMatch(["kind=sms", "url=a=b", "=x", "y"]);
    expect(match).toEqual([
      { name: "kind", value: "sms" },
      { name: "url", value: "a=b" },
    ]);
    expect(writeMatch(match)).toEqual(["kind=sms", "url=a=b"]);
  });
  it("has one value a name", () =>
    expect(narrowedBy(readMatch(["kind=a", "model=b"]), { name: "kind", value: "c" })).toEqual(
      readMatch(["model=b", "kind=c"]),
    ));
});

describe("what is behind a number", () => {
  it("is found among records by their own names", () => {
    expect(recordsQuery(readMatch(["kind=llm.*", "user=u 1", "country=DE"]))).toBe(
      'event:cost cost.kind:llm.* user.id:"u 1" country:DE',
    );
    expect(recordsQuery([{ name: "feature", value: "" }])).toBe("event:cost -feature:*");
  });
  it("is among spans where it is of language models", () => {
    expect(spansQuery(readMatch(["kind=sms"]))).toBeNull();
    expect(spansQuery(readMatch(["kind=llm.input_tokens", "model=gpt-5"]))).toBe(
      "gen_ai.usage.input_tokens:* gen_ai.request.model:gpt-5",
    );
  });
});

describe("charts", () => {
  it("have a value in each interval that any has", () => {
    const report = {
      series: [
        { value: "sms", points: [{ at: 86400, amount: "1.5" }] },
        { value: null, points: [{ at: 0, amount: "2" }] },
      ],
    } as unknown as CostReport;
    expect(chartSeries(report)).toEqual([
      {
        name: "sms",
        points: [
          [0, 0],
          [86400000, 1.5],
        ],
      },
      {
        name: valueName(null),
        points: [
          [0, 2],
          [86400000, 0],
        ],
      },
    ]);
  });
});

describe("budgets", () => {
  const standing = { spent_ratio: 0.5, expected_ratio: null } as never as Parameters<typeof budgetHealth>[0];
  it.each([
    [0.5, null, "good"],
    [0.5, 1.01, "warning"],
    [0.8, 0.9, "warning"],
    [1, 1, "bad"],
  ])("%s spent and %s expected is %s", (spent, expected, health) =>
    expect(budgetHealth({ ...standing, spent_ratio: spent, expected_ratio: expected })).toBe(health),
  );
});

describe("storage", () => {
  const row = (day: string, service: string, disk: number): StorageRow => ({
    signal: "logs",
    service,
    day,
    items: 1,
    sent_bytes: 2 * disk,
    disk_bytes: disk,
    a_month: service ? String(disk / 10) : null,
  });
  const rows = [row("2026-01-01", "api", 10), row("2026-01-02", "api", 20), row("2026-01-02", "web", 70)];
  it("is summed by signal and service, the largest first", () =>
    expect(senders(rows).map((one) => [one.service, one.items, one.diskBytes, one.share, one.aMonth])).toEqual([
      ["web", 1, 70, 0.7, 7],
      ["api", 2, 30, 0.3, 3],
    ]));
  it("is drawn by day, what is small together", () =>
    expect(storageSeries(rows, 1).map((one) => [one.name, one.points.map((point) => point[1])])).toEqual([
      ["everything else", [10, 20]],
      ["web (logs)", [0, 70]],
    ]));
});
