import { describe, expect, it } from "vitest";
import type { SloSummary } from "@/api/types";
import {
  alertName,
  budgetHealth,
  budgetText,
  burnText,
  byBudget,
  fileOf,
  queriesOf,
  type SloChoice,
  slothOf,
  targetText,
} from "./slo";

const CHOICE: SloChoice = {
  service: "shop",
  name: "availability",
  description: "It's there",
  objective: 99.9,
  window: "30d",
  kind: "ratio",
  metric: "http_requests_total",
  all: 'job="shop"',
  bad: 'status=~"5.."',
  bound: "0.5",
  alert: "",
  runbook: "",
};

describe("a composed objective", () => {
  it("counts bad events of all in Sloth's form", () => {
    expect(slothOf(CHOICE)).toBe(`version: prometheus/v1
service: 'shop'
slos:
  - name: 'availability'
    description: 'It''s there'
    objective: 99.9
    window: 30d
    sli:
      events:
        error_query: 'sum(rate(http_requests_total{job="shop",status=~"5.."}[{{.window}}]))'
        total_query: 'sum(rate(http_requests_total{job="shop"}[{{.window}}]))'
    alerting:
      name: 'ShopAvailability'
`);
  });
  it("counts what a histogram has above a bound", () => {
    expect(queriesOf({ ...CHOICE, kind: "latency", metric: "seconds", all: "" }, "5m")).toEqual({
      error: 'sum(rate(seconds_count[5m])) - sum(rate(seconds_bucket{le="0.5"}[5m]))',
      total: "sum(rate(seconds_count[5m]))",
    });
  });
  it("keeps its name and runbook", () => {
    expect(slothOf({ ...CHOICE, alert: "Gone", runbook: "https://x/y" })).toContain(
      "      name: 'Gone'\n      annotations:\n        runbook_url: 'https://x/y'\n",
    );
  });
  it("has an alert and a file that are called after it", () => {
    expect(alertName({ service: "web-shop", name: "search latency" })).toBe("WebShopSearchLatency");
    expect(fileOf({ service: "web shop", name: "up" })).toBe("slos/web-shop-up.yml");
    expect(fileOf({ service: "", name: "" })).toBe("slos/service.yml");
  });
});

it.each([
  [null, "–", "idle"],
  [1, "100 %", "good"],
  [0.2, "20 %", "warning"],
  [0, "0 %", "bad"],
  [-0.081, "−8.1 %", "bad"],
] as const)("a budget of %s reads %s and is %s", (left, text, health) => {
  expect(budgetText(left)).toBe(text);
  expect(budgetHealth(left)).toBe(health);
});

it("targets keep their digits, burn rates three of theirs", () => {
  expect(targetText(0.9995)).toBe("99.95 %");
  expect(burnText(14.44)).toBe("14.4×");
  expect(burnText(null)).toBe("–");
});

it("the least budget stands first, and what is not known last", () => {
  const one = (id: string, budget_left: number | null) => ({ id, budget_left }) as SloSummary;
  expect(byBudget([one("new", null), one("fine", 0.9), one("spent", -1), one("low", 0.1)]).map(({ id }) => id)).toEqual(
    ["spent", "low", "fine", "new"],
  );
});
