import { listOf, oneOf, textOf } from "@/app/search";

export const TABS = ["spending", "budgets", "storage", "invoices"] as const;
export type Tab = (typeof TABS)[number];
export const LABELS: Record<Tab, string> = {
  spending: "Spending",
  budgets: "Budgets",
  storage: "Storage",
  invoices: "Invoices",
};

/** What is asked: by which name, narrowed to what (`kind=sms`), in which currency; and which invoice is open. */
export interface CostsSearch {
  tab?: Tab;
  by?: string;
  match?: string[];
  currency?: string;
  invoice?: string;
}

export function validateCosts(raw: Record<string, unknown>): CostsSearch {
  return {
    tab: oneOf(raw, "tab", TABS),
    by: textOf(raw, "by"),
    match: listOf(raw, "match"),
    currency: textOf(raw, "currency"),
    invoice: textOf(raw, "invoice"),
  };
}
