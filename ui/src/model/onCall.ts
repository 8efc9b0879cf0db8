import type { OnCallEscalation, OnCallPerson, OnCallShift } from "@/api/types";
import { formatSeconds, type Zone } from "@/lib/format";

export const WEEKS_SHOWN = 4;

/** A part of a shift within one week; places are shares of the week, from 0 to 1. */
export interface Segment {
  key: string;
  person: string | null;
  by: string;
  start: string;
  end: string;
  from: number;
  to: number;
}

export interface Week {
  /** Beginnings of its seven days, and of the next week. */
  days: number[];
  segments: Segment[];
}

/** Midnight of the Monday of a time's week, and so many weeks on: as the reader's clock has it. */
export function mondayOf(ms: number, zone: Zone, weeks = 0): number {
  const date = new Date(ms);
  if (zone === "utc")
    return Date.UTC(
      date.getUTCFullYear(),
      date.getUTCMonth(),
      date.getUTCDate() - ((date.getUTCDay() + 6) % 7) + weeks * 7,
    );
  return new Date(
    date.getFullYear(),
    date.getMonth(),
    date.getDate() - ((date.getDay() + 6) % 7) + weeks * 7,
  ).getTime();
}

/** The day after so many, at midnight: days have 23 or 25 hours where clocks change. */
function dayAfter(ms: number, days: number, zone: Zone): number {
  const date = new Date(ms);
  return zone === "utc"
    ? Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate() + days)
    : new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

/** Weeks from a Monday on, with the shifts in each; a shift over several weeks is in each of them. */
export function weeksOf(shifts: readonly OnCallShift[], mondayMs: number, count: number, zone: Zone): Week[] {
  return Array.from({ length: count }, (_, at) => {
    const start = dayAfter(mondayMs, at * 7, zone);
    const days = Array.from({ length: 8 }, (_unused, day) => dayAfter(start, day, zone));
    const end = days[7] ?? start;
    const segments = shifts.flatMap((one): Segment[] => {
      const from = Math.max(Date.parse(one.start), start);
      const to = Math.min(Date.parse(one.end), end);
      if (from >= to) return [];
      return [
        {
          key: `${one.start} ${one.by}`,
          person: one.person,
          by: one.by,
          start: one.start,
          end: one.end,
          from: (from - start) / (end - start),
          to: (to - start) / (end - start),
        },
      ];
    });
    return { days, segments };
  });
}

/** Where now is in a week, from 0 to 1; null where it is not. */
export function placeIn({ days }: Week, nowMs: number): number | null {
  const [start = 0] = days;
  const end = days[7] ?? start;
  return nowMs < start || nowMs >= end ? null : (nowMs - start) / (end - start);
}

/** Hours that nobody is on duty, in milliseconds, from now on. */
export function uncovered(shifts: readonly OnCallShift[], nowMs: number): number {
  return shifts
    .filter((one) => one.person === null)
    .reduce((sum, one) => sum + Math.max(0, Date.parse(one.end) - Math.max(Date.parse(one.start), nowMs)), 0);
}

export interface Told {
  kind: "schedule" | "person" | "receiver";
  name: string;
}

export interface ClimbStep {
  /** Since the page began, in seconds. */
  at: number;
  /** `at once`, or how long nobody acknowledged. */
  after: string;
  told: Told[];
}

/** The steps of one round, each with its time since the page. */
export function climb(escalation: OnCallEscalation, people: readonly OnCallPerson[]): ClimbStep[] {
  const names = new Map(people.map((one) => [one.id, one.name]));
  let at = 0;
  return escalation.steps.map((step) => {
    at += step.after_seconds;
    return {
      at,
      after: at === 0 ? "at once" : `after ${formatSeconds(at)}`,
      told: [
        ...step.schedules.map((name): Told => ({ kind: "schedule", name })),
        ...step.people.map((id): Told => ({ kind: "person", name: names.get(id) ?? id })),
        ...step.receivers.map((name): Told => ({ kind: "receiver", name })),
      ],
    };
  });
}
