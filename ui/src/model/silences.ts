import type { SilenceShown } from "@/api/types";
import { instantOf, localOf } from "@/lib/localTime";
import { hasWords } from "./uptime";

export const SILENCE_STATES = ["active", "pending", "expired"] as const;
export type SilenceState = SilenceShown["state"];

/** As one reads them, and as the field of a silence takes them. */
export function matchersText(silence: Pick<SilenceShown, "matchers">): string {
  return silence.matchers.map(({ name, operator, value }) => `${name}${operator}${JSON.stringify(value)}`).join(", ");
}

/** Those of a state that hold every typed word: what hides now by its end, what is to come by its beginning, what is over the newest first. */
export function silenceRows(
  silences: readonly SilenceShown[],
  state: SilenceState | undefined,
  filter: string,
): SilenceShown[] {
  return silences
    .filter((one) => state === undefined || one.state === state)
    .filter((one) => hasWords(filter, matchersText(one), one.text, one.comment, one.created_by))
    .sort(
      (a, b) =>
        SILENCE_STATES.indexOf(a.state) - SILENCE_STATES.indexOf(b.state) ||
        (a.state === "pending"
          ? Date.parse(a.starts_at) - Date.parse(b.starts_at)
          : (Date.parse(a.ends_at) - Date.parse(b.ends_at)) * (a.state === "expired" ? -1 : 1)),
    );
}

/** For how long a form of silences asks it: hours, or until a moment. */
export const UNTIL = "until";

export interface SilenceTimes {
  /** `2026-11-27T14:00` in the browser's zone; empty: now. */
  begins: string;
  /** Hours, or UNTIL. */
  lasts: string;
  until: string;
}

/** The times of a silence, as the API takes them; those of `before` to the second where its minute stayed. */
export function silenceTimes(
  times: SilenceTimes,
  nowMs: number,
  before?: Pick<SilenceShown, "starts_at" | "ends_at">,
): { starts_at: string | null; ends_at: string } {
  const starts = kept(times.begins, before?.starts_at);
  const from = starts === null ? nowMs : Math.max(Date.parse(starts), nowMs);
  const ends =
    times.lasts === UNTIL
      ? kept(times.until, before?.ends_at)
      : new Date(from + Number(times.lasts) * 3.6e6).toISOString();
  return { starts_at: starts, ends_at: ends ?? "" };
}

function kept(local: string, before: string | undefined): string | null {
  return before !== undefined && local === localOf(Date.parse(before)) ? before : instantOf(local);
}

/** An hour later than it would end, and never in the past. */
export function extended(silence: Pick<SilenceShown, "ends_at">, nowMs: number): string {
  return new Date(Math.max(Date.parse(silence.ends_at), nowMs) + 3.6e6).toISOString();
}
