import { describe, expect, it } from "vitest";
import { parseSearch, stringifySearch, validateScope } from "@/app/search";
import { toggleSeries } from "@/components/Chart/legendModel";
import { safeNext } from "@/pages/SignIn/url";
import { isRelative, longer, resolveRange, resolveTime, shift, widen } from "./range";
import { describeRange, readTime, writeTime } from "./rangeText";
import type { RedPoint } from "@/api/types";
import { healthOf, pointsOf, redSql, wholeUntil } from "./red";

const NOW = Date.parse("2026-11-20T12:00:00Z");

describe("time ranges", () => {
  it.each([
    ["now", 0],
    ["now-15m", 9e5],
    ["now-1.5h", 5.4e6],
    ["now-7d", 6.048e8],
  ])("%s is %d ms before now", (text, ms) => expect(resolveTime(text, NOW)).toBe(NOW - ms));
  it.each(["", "yesterday", "now-", "now-5x", "5"])("%s is no time", (text) =>
    expect(resolveTime(text, NOW)).toBeNull(),
  );
  it("a range that ends before it starts still has a length", () =>
    expect(resolveRange({ start: "now", end: "now-1h" }, NOW)).toMatchObject({ startMs: NOW - 3.6e6 }));
  it("widening never goes past now", () =>
    expect(Date.parse(widen({ start: "now-1h", end: "now" }, NOW).end)).toBe(NOW));
  it("shifting keeps the length", () =>
    expect(shift({ start: "now-1h", end: "now" }, -1, NOW)).toEqual({
      start: "2026-11-20T10:00:00.000Z",
      end: "2026-11-20T11:00:00.000Z",
    }));
  it.each([
    ["now-1h", "now", "now-6h"],
    ["now-6h", "now", "now-24h"],
    ["now-2d", "now", "now-7d"],
    ["now-30d", "now", undefined],
    ["2026-11-19T12:00:00Z", "2026-11-20T12:00:00Z", undefined],
  ])("looking further back than %s … %s is %s", (start, end, next) =>
    expect(longer({ start, end }, NOW)?.start).toBe(next),
  );
  it("what a person types is read in the chosen zone and written back", () => {
    expect(readTime("2026-11-20 22:57", "utc")).toBe("2026-11-20T22:57:00.000Z");
    expect(readTime("tomorrow", "utc")).toBeNull();
    expect(writeTime("2026-11-20T22:57:00.000Z", "utc")).toBe("2026-11-20 22:57:00");
    expect(isRelative("now-2h")).toBe(true);
  });
  it("ranges are described in words", () => {
    expect(describeRange({ start: "now-1h", end: "now" }, "utc")).toBe("Last hour");
    expect(describeRange({ start: "now-90m", end: "now" }, "utc")).toBe("Last 90 minutes");
    expect(describeRange({ start: "now-1d", end: "now" }, "utc")).toBe("Last day");
  });
});

describe("addresses", () => {
  it("lists are repeated names, and what is read is what was written", () => {
    const written = stringifySearch({ start: "now-6h", env: ["production", "staging"], query: "level:error a/b" });
    expect(written).toBe("?start=now-6h&env=production&env=staging&query=level:error+a/b");
    expect(parseSearch(written)).toEqual({ start: "now-6h", env: ["production", "staging"], query: "level:error a/b" });
    expect(validateScope(parseSearch("?env=production"))).toMatchObject({ env: ["production"] });
  });
  it.each([
    ["/logs?query=a", "/logs?query=a"],
    ["//evil.example", "/"],
    ["https://evil.example", "/"],
    ["/\\evil", "/"],
  ])("after signing in %s leads to %s", (next, to) => expect(safeNext(next)).toBe(to));
});

describe("services", () => {
  it.each([
    [0, 0, "idle"],
    [10, 0, "good"],
    [10, 0.02, "warning"],
    [10, 0.2, "bad"],
  ])("%d requests, %d failing: %s", (requests, error_ratio, health) =>
    expect(healthOf({ requests, error_ratio })).toBe(health),
  );
  it("a step without requests is a rate of zero and a gap in durations", () => {
    const point = { time: "2026-11-20T11:59:00Z", rate: 2, error_rate: 0, p50_ms: 1, p95_ms: 2, p99_ms: 3 };
    const args = [60_000, NOW - 180_000, NOW] as const;
    expect(pointsOf([point], "rate", ...args).map((one) => one[1])).toEqual([0, 0, 2]);
    expect(pointsOf([point], "p95_ms", ...args).map((one) => one[1])).toEqual([null, null, 2]);
  });
});

describe("the last step of a chart", () => {
  const at = (minute: number) => ({ time: new Date(minute * 60_000).toISOString(), rate: 2 }) as RedPoint;
  it("is left out while it has only begun", () => {
    const points = [at(1), at(2), at(3), at(4)];
    const times = (endMs: number) =>
      pointsOf(points, "rate", 60_000, 60_000, wholeUntil(points, 60_000, endMs)).map(([ms]) => ms / 60_000);
    expect(times(4.5 * 60_000)).toEqual([1, 2, 3]);
    expect(times(5 * 60_000)).toEqual([1, 2, 3, 4]);
  });
});

it("the statement behind a chart quotes the service's name", () => {
  const sql = redSql("o'brien", "sum(Count) / STEP AS n", 60, 61_000, 179_500);
  expect(sql).toContain("ServiceName = 'o\\'brien'");
  expect(sql).toContain("sum(Count) / 60 AS n");
  expect(sql).toContain("Minute >= fromUnixTimestamp(60) AND Minute < fromUnixTimestamp(180)");
});

describe("legend", () => {
  const names = ["a", "b", "c"];
  it("a click shows one alone, a second one all", () => {
    const alone = toggleSeries(names, new Set(), "a", false);
    expect([...alone]).toEqual(["b", "c"]);
    expect(toggleSeries(names, alone, "a", false).size).toBe(0);
  });
  it("Ctrl-click adds or takes away one", () =>
    expect([...toggleSeries(names, new Set(["b"]), "c", true)]).toEqual(["b", "c"]));
});
