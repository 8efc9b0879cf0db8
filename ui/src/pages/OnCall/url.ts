import { textOf } from "@/app/search";

/** Which schedule's calendar is shown, and how many weeks from now it begins. */
export interface OnCallSearch {
  schedule?: string;
  weeks?: string;
}

const WEEKS_MAX = 520;

export function validateOnCall(raw: Record<string, unknown>): OnCallSearch {
  const weeks = textOf(raw, "weeks");
  const known = weeks !== undefined && /^-?\d{1,3}$/.test(weeks) && Math.abs(Number(weeks)) <= WEEKS_MAX;
  return { schedule: textOf(raw, "schedule"), weeks: known && Number(weeks) !== 0 ? weeks : undefined };
}
