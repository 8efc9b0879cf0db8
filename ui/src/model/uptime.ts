import type { HeartbeatSchedule, HeartbeatSign, HeartbeatSummary, ProbeDay, ProbeSummary } from "@/api/types";
import { formatSeconds } from "@/lib/format";
import type { Health } from "./red";

export const DAYS_SHOWN = 90;
const DAY_MS = 86_400_000;
/** Below this many days a certificate wants attention, below the second it is urgent. */
export const CERTIFICATE_SOON_DAYS = 21;
export const CERTIFICATE_URGENT_DAYS = 7;

export const PROBE_STATES = ["down", "unknown", "new", "up"] as const;
export type ProbeState = ProbeSummary["state"];
export const PROBE_HEALTH: Record<ProbeState, Health> = { up: "good", down: "bad", unknown: "warning", new: "idle" };

export type Condition = HeartbeatSummary["condition"];
export const CONDITION_WORD: Record<Condition, string> = {
  new: "new",
  up: "up",
  running: "running",
  late: "late",
  missed: "missed",
  failed: "failed",
  overtime: "over time",
  unknown: "unknown",
};

export function conditionHealth({ condition, healthy }: Pick<HeartbeatSummary, "condition" | "healthy">): Health {
  if (condition === "new") return "idle";
  if (condition === "late" || condition === "unknown") return "warning";
  if (condition === "up" || condition === "running") return healthy ? "good" : "warning";
  return healthy ? "warning" : "bad";
}

/** One of the last ninety days; `up` is the share of the time of which something is known, null where nothing is. */
export interface DayBar {
  day: string;
  up: number | null;
  downSeconds: number;
  tone: Health;
}

/** Ninety of them up to today, days without any measurement among them. */
export function dayBars(days: readonly ProbeDay[], nowMs: number): DayBar[] {
  const known = new Map(days.map((one) => [one.day, one]));
  return Array.from({ length: DAYS_SHOWN }, (_, at) => {
    const day = new Date(nowMs - (DAYS_SHOWN - 1 - at) * DAY_MS).toISOString().slice(0, 10);
    const { up_seconds: up = 0, down_seconds: down = 0 } = known.get(day) ?? {};
    const measured = up + down;
    if (measured === 0) return { day, up: null, downSeconds: 0, tone: "idle" };
    return {
      day,
      up: up / measured,
      downSeconds: down,
      tone: down === 0 ? "good" : up / measured < 0.99 ? "bad" : "warning",
    };
  });
}

/** Of all days together; null where nothing is known. */
export function upShare(days: readonly ProbeDay[]): number | null {
  const up = days.reduce((sum, one) => sum + one.up_seconds, 0);
  const down = days.reduce((sum, one) => sum + one.down_seconds, 0);
  return up + down === 0 ? null : up / (up + down);
}

/** Whole days until a certificate expires, below zero when it has, and how that is. */
export function certificate(
  expires: string | null,
  nowMs: number,
): { days: number; text: string; tone: Health } | null {
  if (expires === null) return null;
  const days = Math.floor((Date.parse(expires) - nowMs) / DAY_MS);
  const tone = days < CERTIFICATE_URGENT_DAYS ? "bad" : days < CERTIFICATE_SOON_DAYS ? "warning" : "good";
  return { days, text: days < 0 ? "expired" : days === 1 ? "1 day" : `${days} days`, tone };
}

/** Enough of a year for an availability: `99.95 %`, and `100 %` only where nothing was down. */
export function availabilityText(share: number | null): string {
  if (share === null) return "–";
  if (share === 1) return "100 %";
  const percent = share * 100;
  return `${(Math.floor(percent * 1000) / 1000).toFixed(percent > 99.9 ? 3 : 2)} %`;
}

/** Every 5 min, within 30 s: as a person would say it. */
export function scheduleText(schedule: HeartbeatSchedule): string {
  if (schedule.every_seconds) return `every ${formatSeconds(schedule.every_seconds)}`;
  if (schedule.cron) return `${schedule.cron} ${schedule.time_zone ?? "UTC"}`;
  return "not expected";
}

/** What is looked at: an address says by itself how, where it has a scheme. */
export function lookedAt({ kind, target }: Pick<ProbeSummary, "kind" | "target">): string {
  return target.includes("://") ? target : `${kind} ${target}`;
}

/** Every word of the filter is somewhere in the texts. */
export function hasWords(filter: string, ...texts: readonly string[]): boolean {
  const text = texts.join(" ").toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

export function shownProbes(
  probes: readonly ProbeSummary[],
  state: ProbeState | undefined,
  filter: string,
): ProbeSummary[] {
  return probes.filter(
    (one) =>
      (state === undefined || one.state === state) &&
      hasWords(filter, one.name, one.target, one.kind, one.reason, one.detail, ...Object.values(one.labels)),
  );
}

export type HeartbeatFilter = "unwell" | "well" | "new";
export const HEARTBEAT_FILTERS: readonly HeartbeatFilter[] = ["unwell", "new", "well"];

export function filterOf(one: HeartbeatSummary): HeartbeatFilter {
  return one.condition === "new" ? "new" : conditionHealth(one) === "good" ? "well" : "unwell";
}

export function shownHeartbeats(
  heartbeats: readonly HeartbeatSummary[],
  wanted: HeartbeatFilter | undefined,
  filter: string,
): HeartbeatSummary[] {
  return heartbeats.filter(
    (one) =>
      (wanted === undefined || filterOf(one) === wanted) &&
      hasWords(filter, one.name, one.environment, one.description, one.condition, one.source),
  );
}

/** How many there are of each. */
export function counted<T, K extends string>(
  items: readonly T[],
  keys: readonly K[],
  keyOf: (item: T) => K,
): Record<K, number> {
  const counts = Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
  for (const item of items) counts[keyOf(item)] += 1;
  return counts;
}

/** How long the runs took that ended with each sign: as was said, or since their beginning. Signs come newest first. */
export function runSeconds(signs: readonly HeartbeatSign[]): ReadonlyMap<number, number> {
  const begun = new Map<string, number>();
  const found = new Map<number, number>();
  for (const { id, at, run, status, seconds } of [...signs].reverse()) {
    const start = begun.get(run);
    if (status === "started") begun.set(run, Date.parse(at));
    else if (status !== "log") begun.delete(run);
    if (status === "started" || status === "log") continue;
    if (seconds !== null) found.set(id, seconds);
    else if (start !== undefined) found.set(id, (Date.parse(at) - start) / 1000);
  }
  return found;
}

/** The same for a chart, the oldest first: milliseconds since the epoch, seconds. */
export function durations(signs: readonly HeartbeatSign[]): [number, number][] {
  const took = runSeconds(signs);
  return signs
    .flatMap(({ id, at }): [number, number][] => {
      const seconds = took.get(id);
      return seconds === undefined ? [] : [[Date.parse(at), seconds]];
    })
    .reverse();
}
