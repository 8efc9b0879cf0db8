import { describe, expect, it } from "vitest";
import type { HeartbeatSign, HeartbeatSummary, ProbeDay } from "@/api/types";
import {
  availabilityText,
  certificate,
  conditionHealth,
  counted,
  dayBars,
  durations,
  filterOf,
  hasWords,
  scheduleText,
  upShare,
} from "./uptime";

const NOW = Date.parse("2026-11-27T12:00:00Z");
const DAY = (day: string, up: number, down: number): ProbeDay => ({
  day,
  up_seconds: up,
  down_seconds: down,
  unknown_seconds: 0,
});

describe("ninety days", () => {
  it("end today, and days without a measurement are neither up nor down", () => {
    const bars = dayBars([DAY("2026-11-26", 86_000, 400), DAY("2026-11-27", 100, 0)], NOW);
    expect(bars).toHaveLength(90);
    expect(bars.slice(-3).map((one) => [one.day, one.tone])).toEqual([
      ["2026-11-25", "idle"],
      ["2026-11-26", "warning"],
      ["2026-11-27", "good"],
    ]);
    expect(bars[0]?.up).toBeNull();
  });
  it("are bad from one part in a hundred on", () => {
    expect(dayBars([DAY("2026-11-27", 98, 2)], NOW).at(-1)?.tone).toBe("bad");
  });
  it("have a share only of what is known", () => {
    expect(upShare([])).toBeNull();
    expect(upShare([DAY("a", 75, 25)])).toBe(0.75);
  });
});

it.each([
  [null, "–"],
  [1, "100 %"],
  [0.999_999, "99.999 %"],
  [0.9995, "99.950 %"],
  [0.5, "50.00 %"],
])("an availability of %s reads %s: all is said only where all was up", (share, text) => {
  expect(availabilityText(share)).toBe(text);
});

it.each([
  ["2027-02-27T12:00:00Z", "92 days", "good"],
  ["2026-12-11T12:00:00Z", "14 days", "warning"],
  ["2026-11-28T13:00:00Z", "1 day", "bad"],
  ["2026-11-27T11:00:00Z", "expired", "bad"],
])("a certificate until %s has %s and is %s", (expires, text, tone) => {
  expect(certificate(expires, NOW)).toMatchObject({ text, tone });
});

it("a probe without a certificate has none", () => {
  expect(certificate(null, NOW)).toBeNull();
});

it.each([
  ["up", true, "good", "well"],
  ["running", true, "good", "well"],
  ["running", false, "warning", "unwell"],
  ["late", true, "warning", "unwell"],
  ["missed", false, "bad", "unwell"],
  ["failed", true, "warning", "unwell"],
  ["new", true, "idle", "new"],
] as const)("a heartbeat that is %s, healthy %s, is %s and %s", (condition, healthy, health, filter) => {
  expect(conditionHealth({ condition, healthy })).toBe(health);
  expect(filterOf({ condition, healthy } as HeartbeatSummary)).toBe(filter);
});

it("a schedule is said in words", () => {
  expect(scheduleText({ every_seconds: 300 })).toBe("every 5 min");
  expect(scheduleText({ cron: "0 3 * * *", time_zone: "Europe/Madrid" })).toBe("0 3 * * * Europe/Madrid");
  expect(scheduleText({})).toBe("not expected");
});

it("words are found in any of the texts, in any order", () => {
  expect(hasWords("API shop", "shop", "https://api.example")).toBe(true);
  expect(hasWords("api cart", "shop", "https://api.example")).toBe(false);
  expect(hasWords("", "shop")).toBe(true);
});

it("what nobody is counts as zero", () => {
  expect(counted(["a", "b", "a"], ["a", "b", "c"] as const, (one) => one as "a" | "b")).toEqual({ a: 2, b: 1, c: 0 });
});

it("durations are as they were said or since a run began, the oldest first", () => {
  const sign = (id: number, minute: number, status: HeartbeatSign["status"], run = "", seconds: number | null = null) =>
    ({ id, at: `2026-11-27T01:0${minute}:00Z`, status, run, seconds }) as HeartbeatSign;
  const signs = [
    sign(6, 6, "ok"),
    sign(5, 5, "ok", "", 4),
    sign(4, 4, "failed"),
    sign(3, 3, "ok", "other"),
    sign(2, 2, "started"),
    sign(1, 1, "started", "other"),
  ];
  expect(durations(signs)).toEqual([
    [Date.parse("2026-11-27T01:03:00Z"), 120],
    [Date.parse("2026-11-27T01:04:00Z"), 120],
    [Date.parse("2026-11-27T01:05:00Z"), 4],
  ]);
});
