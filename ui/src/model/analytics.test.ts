import { expect, test } from "vitest";
import { cohortShare, moved, readRef, spanText, writeRef } from "./analytics";

test("what an address says of an event reads back as it was", () => {
  for (const ref of [
    { source: "events", event: "signed up", query: "" },
    { source: "logs", event: "user.registered", query: "plan:pro" },
    { source: "events", event: "logs viewed", query: 'a:"b ? c"' },
  ] as const)
    expect(readRef(writeRef(ref))).toEqual(ref);
});

test("a cohort's share is unknown where it has not had the period", () => {
  expect(cohortShare({ start: "", size: 4, returned: [4, 1] }, 1)).toBe(0.25);
  expect(cohortShare({ start: "", size: 4, returned: [4, 1] }, 2)).toBeNull();
  expect(cohortShare({ start: "", size: 0, returned: [0] }, 0)).toBeNull();
});

test("steps change places, and a span of time names its ends", () => {
  expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
  expect([spanText(0, 10, String), spanText(10, 30, String), spanText(90, null, String)]).toEqual([
    "under 10",
    "10 – 30",
    "90 and longer",
  ]);
});
