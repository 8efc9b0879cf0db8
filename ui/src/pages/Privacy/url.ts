import { textOf } from "@/app/search";

export interface PrivacySearch {
  /** Whose leaks are shown; all where it is none. */
  service?: string;
}

export function validatePrivacy(raw: Record<string, unknown>): PrivacySearch {
  return { service: textOf(raw, "service") };
}
