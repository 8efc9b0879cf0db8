import { describe, expect, it } from "vitest";
import type { OnCallShift } from "@/api/types";
import { climb, mondayOf, placeIn, uncovered, weeksOf } from "./onCall";
import { isOver, lastStatus, nextStatus } from "./statusPage";

const WEEK = 7 * 86_400_000;
const MONDAY = Date.parse("2026-11-23T00:00:00Z");
const shift = (start: string, end: string, person: string | null): OnCallShift => ({
  start,
  end,
  person,
  by: "layer 1",
});

describe("a calendar", () => {
  it("begins on the Monday of a week, or so many weeks on", () => {
    expect(mondayOf(Date.parse("2026-11-27T12:00:00Z"), "utc")).toBe(MONDAY);
    expect(mondayOf(MONDAY, "utc")).toBe(MONDAY);
    expect(mondayOf(Date.parse("2026-11-29T23:59:00Z"), "utc", -1)).toBe(MONDAY - WEEK);
  });
  it("has a shift in every week that it reaches into, and no further", () => {
    const shifts = [
      shift("2026-11-16T09:00:00Z", "2026-11-24T12:00:00Z", "ana"),
      shift("2026-11-24T12:00:00Z", "2026-12-04T00:00:00Z", "bo"),
    ];
    const [first, second, third] = weeksOf(shifts, MONDAY, 3, "utc");
    expect(first?.segments.map((one) => [one.person, one.from, one.to])).toEqual([
      ["ana", 0, 1.5 / 7],
      ["bo", 1.5 / 7, 1],
    ]);
    expect(second?.segments.map((one) => [one.person, one.from, one.to])).toEqual([["bo", 0, 4 / 7]]);
    expect(third?.segments).toEqual([]);
    expect(first?.days).toHaveLength(8);
  });
  it("knows where now is", () => {
    const [week] = weeksOf([], MONDAY, 1, "utc");
    expect(week && placeIn(week, MONDAY + WEEK / 2)).toBe(0.5);
    expect(week && placeIn(week, MONDAY + WEEK)).toBeNull();
  });
  it("sums what nobody has from now on", () => {
    const gap = shift("2026-11-23T00:00:00Z", "2026-11-23T10:00:00Z", null);
    expect(uncovered([gap, shift("2026-11-23T10:00:00Z", "2026-11-24T00:00:00Z", "ana")], MONDAY + 3_600_000)).toBe(
      9 * 3_600_000,
    );
  });
});

it("steps of an escalation are told since the page", () => {
  const none = { schedules: [], people: [], receivers: [] };
  const steps = climb(
    {
      name: "page",
      description: "",
      repeat: 1,
      pause_seconds: 900,
      steps: [
        { ...none, after_seconds: 0, schedules: ["primary"] },
        { ...none, after_seconds: 600, people: ["bo"] },
        { ...none, after_seconds: 900, receivers: ["everyone"] },
      ],
    },
    [{ id: "bo", name: "Bo Lind", receiver: "bo-phone" }],
  );
  expect(steps.map((one) => [one.after, one.told[0]?.name])).toEqual([
    ["at once", "primary"],
    ["after 10 min", "Bo Lind"],
    ["after 25 min", "everyone"],
  ]);
});

it("an incident goes on to what comes next, and stays at its end", () => {
  expect(nextStatus({ kind: "incident", status: "investigating" })).toBe("identified");
  expect(nextStatus({ kind: "maintenance", status: "in_progress" })).toBe("completed");
  expect(nextStatus({ kind: "incident", status: "resolved" })).toBe("resolved");
  expect([lastStatus("incident"), lastStatus("maintenance")]).toEqual(["resolved", "completed"]);
  expect(isOver({ status: "monitoring" })).toBe(false);
});
