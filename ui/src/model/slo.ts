import type { SloSummary } from "@/api/types";
import { capitalized, threeDigits } from "@/lib/format";
import type { Health } from "./red";

/** Less than this share of the budget wants attention. */
const LOW = 0.25;

export function budgetHealth(left: number | null): Health {
  if (left === null) return "idle";
  return left <= 0 ? "bad" : left < LOW ? "warning" : "good";
}

/** `42 %`, `−8 %`: a budget can be overspent. */
export function budgetText(left: number | null): string {
  if (left === null) return "–";
  const percent = Math.round(left * 1000) / 10;
  return `${percent < 0 ? "−" : ""}${threeDigits(Math.abs(percent))} %`;
}

/** `1.4×`: so much faster than evenly over the window. */
export function burnText(rate: number | null): string {
  return rate === null ? "–" : `${threeDigits(rate)}×`;
}

export function burnHealth(rate: number | null): Health {
  if (rate === null) return "idle";
  return rate > 1 ? "warning" : "good";
}

/** 0.999 as `99.9 %`, with as many digits as it has. */
export function targetText(target: number): string {
  return `${Number((target * 100).toFixed(6))} %`;
}

const WORST: Record<Health, number> = { bad: 0, warning: 1, good: 2, idle: 3 };

/** Least budget first, and what was not recorded yet last. */
export function byBudget(objectives: readonly SloSummary[]): SloSummary[] {
  return [...objectives].sort(
    (a, b) =>
      WORST[budgetHealth(a.budget_left)] - WORST[budgetHealth(b.budget_left)] ||
      (a.budget_left ?? 0) - (b.budget_left ?? 0) ||
      a.id.localeCompare(b.id),
  );
}

/** What a person chooses of an objective. */
export interface SloChoice {
  service: string;
  name: string;
  description: string;
  /** Per cent. */
  objective: number;
  /** As the plan writes it. */
  window: string;
  kind: "ratio" | "latency";
  /** A counter; or a histogram by its name without `_bucket`. */
  metric: string;
  /** Label matchers of all events, without braces. */
  all: string;
  /** Those that make an event a bad one. */
  bad: string;
  /** A bound of the histogram, in its unit. */
  bound: string;
  alert: string;
  runbook: string;
}

const WINDOW = "{{.window}}";

function selector(metric: string, ...matchers: readonly string[]): string {
  const given = matchers.map((one) => one.trim().replace(/^,+|,+$/g, "")).filter(Boolean);
  return given.length > 0 ? `${metric}{${given.join(",")}}` : metric;
}

/** Bad and all events a second over a window, in PromQL. */
export function queriesOf(choice: SloChoice, window: string): { error: string; total: string } {
  const rate = (of: string) => `sum(rate(${of}[${window}]))`;
  const metric = choice.metric.trim();
  if (choice.kind === "ratio")
    return { error: rate(selector(metric, choice.all, choice.bad)), total: rate(selector(metric, choice.all)) };
  const total = rate(selector(`${metric}_count`, choice.all));
  return { error: `${total} - ${rate(selector(`${metric}_bucket`, choice.all, `le="${choice.bound}"`))}`, total };
}

/** A text as YAML reads it back, on one line. */
function quoted(text: string): string {
  return `'${text.replace(/\s+/g, " ").trim().replace(/'/g, "''")}'`;
}

/** The objective as a file of Sloth (`prometheus/v1`), for the plan's `slos/`. */
export function slothOf(choice: SloChoice): string {
  const { error, total } = queriesOf(choice, WINDOW);
  return `${[
    "version: prometheus/v1",
    `service: ${quoted(choice.service)}`,
    "slos:",
    `  - name: ${quoted(choice.name)}`,
    ...(choice.description.trim() ? [`    description: ${quoted(choice.description)}`] : []),
    `    objective: ${choice.objective}`,
    `    window: ${choice.window}`,
    "    sli:",
    "      events:",
    `        error_query: ${quoted(error)}`,
    `        total_query: ${quoted(total)}`,
    "    alerting:",
    `      name: ${quoted(choice.alert.trim() || alertName(choice))}`,
    ...(choice.runbook.trim() ? ["      annotations:", `        runbook_url: ${quoted(choice.runbook)}`] : []),
  ].join("\n")}\n`;
}

/** `shop`, `search-latency` → `ShopSearchLatency`. */
export function alertName({ service, name }: Pick<SloChoice, "service" | "name">): string {
  return `${service} ${name}`
    .split(/[^A-Za-z0-9]+/)
    .map(capitalized)
    .join("");
}

/** Where in the plan it belongs. */
export function fileOf({ service, name }: Pick<SloChoice, "service" | "name">): string {
  const words = [service, name].map((word) => word.trim().replace(/[^\w.-]+/g, "-"));
  return `slos/${words.filter(Boolean).join("-") || "service"}.yml`;
}
