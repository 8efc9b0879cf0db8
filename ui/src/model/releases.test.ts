import { describe, expect, it } from "vitest";
import type { DeployShown, ReleaseSummary } from "@/api/types";
import { beganOf, crashHealth, markersOf, shortVersion, subjectOf } from "./releases";

const deploy = (version: string, finished: string): DeployShown => ({
  id: 1,
  version,
  environment: "production",
  service: "",
  name: "",
  url: "",
  started: null,
  finished,
  marked_by: "ci",
});
const START = Date.parse("2026-11-27T10:00:00Z");
const END = Date.parse("2026-11-27T12:00:00Z");

describe("deploys on a chart", () => {
  it("are one line where they stand close together, and none outside of the range", () => {
    const markers = markersOf(
      [
        deploy("web@2", "2026-11-27T11:00:20Z"),
        deploy("api@7", "2026-11-27T11:00:00Z"),
        deploy("web@2", "2026-11-27T11:00:30Z"),
        deploy("web@3", "2026-11-27T11:30:00Z"),
        deploy("web@1", "2026-11-27T09:00:00Z"),
      ],
      START,
      END,
    );
    expect(markers).toEqual([
      { atMs: Date.parse("2026-11-27T11:00:00Z"), label: "7 +1" },
      { atMs: Date.parse("2026-11-27T11:30:00Z"), label: "3" },
    ]);
  });
  it("stay few", () => {
    const many = Array.from({ length: 500 }, (_, index) =>
      deploy(`v${index}`, new Date(START + (index * (END - START)) / 500).toISOString()),
    );
    expect(markersOf(many, START, END).length).toBeLessThanOrEqual(30);
  });
});

it("shortens versions to what tells them apart", () => {
  expect(shortVersion("shop@1.2.3")).toBe("1.2.3");
  expect(shortVersion("4b825dc642cb6eb9a060e54bf8d69288fbee4904")).toBe("4b825dc");
  expect(shortVersion("x".repeat(40))).toHaveLength(24);
  expect(shortVersion("odd@")).toBe("odd@");
});

it("reads crash-free shares", () => {
  expect([null, 1, 0.99, 0.5].map(crashHealth)).toEqual(["idle", "good", "warning", "bad"]);
});

it("says since when a release is in use", () => {
  const seen = { last_deploy: null, released: null, created: null, first_seen: "a" } as ReleaseSummary;
  expect(beganOf(seen)).toEqual({ word: "first seen", time: "a" });
  expect(beganOf({ ...seen, created: "b" }).word).toBe("made");
  expect(beganOf({ ...seen, created: "b", released: "c" }).word).toBe("released");
  expect(beganOf({ ...seen, last_deploy: deploy("v", "d") })).toEqual({ word: "deployed", time: "d" });
});

it("takes the first line of a message", () => {
  expect(subjectOf("cards are charged\n\nwhy")).toBe("cards are charged");
});
