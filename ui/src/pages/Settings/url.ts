import { oneOf } from "@/app/search";

export const TABS = [
  "health",
  "limits",
  "dead-letters",
  "forwarding",
  "retention",
  "keys",
  "users",
  "tokens",
  "plan",
  "audit",
] as const;
export type Tab = (typeof TABS)[number];

export interface SettingsSearch {
  tab?: Tab;
}

export function validateSettings(raw: Record<string, unknown>): SettingsSearch {
  return { tab: oneOf(raw, "tab", TABS) };
}
