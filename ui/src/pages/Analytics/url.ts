import { listOf, numberOf, oneOf, textOf } from "@/app/search";

export const TABS = ["funnels", "trends", "retention", "features", "sessions", "events"] as const;
export type Tab = (typeof TABS)[number];
export const LABELS: Record<Tab, string> = {
  funnels: "Funnels",
  trends: "Trends",
  retention: "Retention",
  features: "Features",
  sessions: "Sessions",
  events: "Events",
};
export const INTERVALS = ["hour", "day", "week", "month"] as const;

/** Everything that a view asks. `step`, `event` and `again` are events as `model/analytics` writes them. */
export interface AnalyticsSearch {
  tab?: Tab;
  step?: string[];
  unit?: string;
  window?: number;
  by?: string;
  event?: string;
  again?: string;
  query?: string;
  measure?: "events" | "units";
  interval?: (typeof INTERVALS)[number];
  flag?: string;
  source?: "logs";
  /** Whose number is opened: `took-2`, `left-3`, or a value of the breakdown; of sessions where a bucket begins. */
  behind?: string;
  /** Of the breakdown, beside it. */
  value?: string;
  /** A person that is open over the page. */
  person?: string;
}

export function validateAnalytics(raw: Record<string, unknown>): AnalyticsSearch {
  return {
    tab: oneOf(raw, "tab", TABS),
    step: listOf(raw, "step"),
    unit: textOf(raw, "unit"),
    window: numberOf(raw, "window"),
    by: textOf(raw, "by"),
    event: textOf(raw, "event"),
    again: textOf(raw, "again"),
    query: textOf(raw, "query"),
    measure: oneOf(raw, "measure", ["events", "units"] as const),
    interval: oneOf(raw, "interval", INTERVALS),
    flag: textOf(raw, "flag"),
    source: oneOf(raw, "source", ["logs"] as const),
    behind: textOf(raw, "behind"),
    value: textOf(raw, "value"),
    person: textOf(raw, "person"),
  };
}

/** What belongs to a question and not to the next one. */
export const ANSWERED: AnalyticsSearch = { behind: undefined, value: undefined, person: undefined };
