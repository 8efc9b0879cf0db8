import { describe, expect, it } from "vitest";
import { listens, orderStanding, progressOf, refusalOf } from "./failedRuns";

describe("failed runs", () => {
  it("says how an order stands, whatever was heard of it last", () => {
    expect(orderStanding({ state: "waiting", outcome: "" }).word).toBe("waits");
    expect(orderStanding({ state: "given", outcome: "" }).word).toBe("given to the app");
    expect(orderStanding({ state: "given", outcome: "queued" }).word).toBe("in its queue");
    expect(orderStanding({ state: "finished", outcome: "already_done" }).tone).toBe("good");
    expect(orderStanding({ state: "cancelled", outcome: "" }).word).toBe("called off");
    expect(orderStanding({ state: "expired", outcome: "queued" }).word).toBe("no app took it");
  });

  it("says why a run cannot be ordered", () => {
    expect(refusalOf({ state: "failed", refusal: "", order: null })).toBeUndefined();
    expect(refusalOf({ state: "done", refusal: "", order: null })).toContain("finished");
    expect(refusalOf({ state: "failed", refusal: "its argument a is no JSON", order: null })).toContain("no JSON");
    expect(refusalOf({ state: "stuck", refusal: "", order: null })).toContain("end the process");
    expect(refusalOf({ state: "unknown", refusal: "", order: { state: "given" } as never })).toContain("ordered");
  });

  it("counts how far a replay is", () => {
    const counts = [
      { state: "finished", outcome: "done", orders: 3 },
      { state: "finished", outcome: "failed", orders: 1 },
      { state: "cancelled", outcome: "", orders: 2 },
      { state: "given", outcome: "", orders: 1 },
      { state: "waiting", outcome: "", orders: 4 },
    ] as const;
    expect(progressOf({ counts: [...counts] })).toEqual({ total: 11, open: 5, over: 6, well: 3, ill: 3 });
  });

  it("knows an app by its last question", () => {
    const now = Date.parse("2026-01-01T00:02:00Z");
    expect(listens(null, now)).toBe(false);
    expect(listens("2026-01-01T00:01:30Z", now)).toBe(true);
    expect(listens("2026-01-01T00:00:00Z", now)).toBe(false);
  });
});
