import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Chosen, interpolate, type Language, namedIn } from "./interpolation";
import { durationMs, durationText, intervalMs, rateIntervalMs, SCRAPE_MS } from "./intervals";

interface Cases {
  variables: Record<string, Chosen>;
  references: { text: string; language: Language; expected: string }[];
  intervals: { range_ms: number; points: number; least_ms: number; interval: string; rate_interval: string }[];
  durations: { ms: number; text: string }[];
}

const CASES = JSON.parse(
  readFileSync(new URL("../../../../tests/golden/dashboards/interpolation.json", import.meta.url), "utf8"),
) as Cases;

describe("variables", () => {
  it.each(CASES.references)("fills in $text for $language", ({ text, language, expected }) => {
    expect(interpolate(text, CASES.variables, language)).toBe(expected);
  });
  it("are named in a text, each once", () => {
    expect(namedIn("$a ${b:csv} [[c]] $a $__interval")).toEqual(["a", "b", "c", "__interval"]);
  });
});

describe("intervals", () => {
  it.each(CASES.intervals)("of $range_ms ms in $points points", ({ range_ms, points, least_ms, ...expected }) => {
    const step = intervalMs(range_ms, points, least_ms || 1);
    const rate = rateIntervalMs(Math.max(step, least_ms || SCRAPE_MS), least_ms || SCRAPE_MS);
    expect([durationText(step), durationText(rate)]).toEqual([expected.interval, expected.rate_interval]);
  });
  it.each(CASES.durations)("$ms ms is $text", ({ ms, text }) => {
    expect(durationText(ms)).toBe(text);
    expect(durationMs(text)).toBe(ms);
  });
  it.each([
    ["1h30m", 5_400_000],
    [">15s", 15_000],
    ["", null],
    ["soon", null],
  ])("reads %s", (text, expected) => {
    expect(durationMs(text)).toBe(expected);
  });
});
