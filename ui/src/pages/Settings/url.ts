import type { Role } from "@/api/types";
import { oneOf } from "@/app/search";

/** In the order of the page. */
export const TABS = [
  "health",
  "limits",
  "dead-letters",
  "forwarding",
  "retention",
  "keys",
  "tokens",
  "plan",
  "users",
  "audit",
] as const;
export type Tab = (typeof TABS)[number];

export const LABELS: Record<Tab, string> = {
  health: "System health",
  limits: "Limits hit",
  "dead-letters": "Dead letters",
  forwarding: "Forwarding",
  retention: "Retention",
  keys: "Keys",
  tokens: "API tokens",
  plan: "Plan",
  users: "Users",
  audit: "Audit log",
};

export function isSeen(tab: Tab, role: Role | undefined): boolean {
  return role === "admin" || (tab !== "users" && tab !== "audit");
}

export interface SettingsSearch {
  tab?: Tab;
}

export function validateSettings(raw: Record<string, unknown>): SettingsSearch {
  return { tab: oneOf(raw, "tab", TABS) };
}
