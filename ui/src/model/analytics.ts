import type { FunnelStep, RetentionCohort } from "@/api/types";

export type SourceName = FunnelStep["source"] & string;

/** What happened, by its name, who told of it, and a search that narrows it. */
export interface EventRef {
  source: SourceName;
  event: string;
  query: string;
}

/** As the address has it: `signed up`, `logs:user.registered`, `paid ? plan:pro`. */
export function writeRef({ source, event, query }: EventRef): string {
  return `${source === "logs" ? "logs:" : ""}${event}${query ? ` ? ${query}` : ""}`;
}

export function readRef(text: string): EventRef {
  const logs = text.startsWith("logs:");
  const [event = "", ...queries] = (logs ? text.slice("logs:".length) : text).split(" ? ");
  return { source: logs ? "logs" : "events", event, query: queries.join(" ? ") };
}

/** How long from the first to the last step, as people choose it. */
export const WINDOWS: readonly { seconds: number; label: string }[] = [
  { seconds: 3600, label: "1 hour" },
  { seconds: 86_400, label: "1 day" },
  { seconds: 7 * 86_400, label: "7 days" },
  { seconds: 14 * 86_400, label: "14 days" },
  { seconds: 30 * 86_400, label: "30 days" },
  { seconds: 90 * 86_400, label: "90 days" },
];
export const WINDOW_DEFAULT = 14 * 86_400;

/** The places of `move` and its neighbour exchanged. */
export function moved<T>(list: readonly T[], at: number, by: -1 | 1): T[] {
  const next = [...list];
  const [one] = next.splice(at, 1);
  if (one !== undefined) next.splice(at + by, 0, one);
  return next;
}

/** What of a cohort came back in a period: 0 … 1, or null where it has not had the period, or is nobody. */
export function cohortShare(cohort: RetentionCohort, period: number): number | null {
  const back = cohort.returned[period];
  return back === undefined || cohort.size === 0 ? null : back / cohort.size;
}

/** `10 s – 30 s`, `3 h and longer`. */
export function spanText(from: number, to: number | null, format: (seconds: number) => string): string {
  if (to === null) return `${format(from)} and longer`;
  return from === 0 ? `under ${format(to)}` : `${format(from)} – ${format(to)}`;
}

/** How a breakdown's value is called. */
export function valueText(value: string, rest: boolean): string {
  return rest ? "all others" : value === "" ? "not said" : value;
}

/** `unit` in words: what is counted. */
export function unitText(unit: string, count: number): string {
  if (unit === "person") return count === 1 ? "person" : "people";
  if (unit === "session") return count === 1 ? "session" : "sessions";
  return count === 1 ? `value of ${unit}` : `values of ${unit}`;
}
