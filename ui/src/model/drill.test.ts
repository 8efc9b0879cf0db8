import { expect, it } from "vitest";
import type { DrillAnswer, DrillEntry } from "@/api/types";
import { drillLanes } from "./drill";

const entry = (after_seconds: number, kind: DrillEntry["kind"], receiver = ""): DrillEntry => ({
  ...{ at: "", after_seconds, kind, text: kind, receiver, integration: "" },
});
const drill = (...entries: DrillEntry[]) => ({ entries }) as unknown as DrillAnswer;

it("the alert's life and everybody who is told stand on one scale", () => {
  const found = drillLanes(
    drill(
      ...[entry(0, "incident"), entry(60, "pending"), entry(300, "firing"), entry(330, "notified", "on-call")],
      ...[
        entry(420, "notified", "boss"),
        entry(540, "over"),
        entry(600, "resolved"),
        entry(600, "notified", "on-call"),
      ],
    ),
  );
  expect(found.phases).toEqual([
    { phase: "pending", from: 0.1, to: 0.5 },
    { phase: "firing", from: 0.5, to: 1 },
  ]);
  expect(found.lanes.map(({ name, told }) => [name, told.map((one) => [one.at, one.over])])).toEqual([
    [
      "on-call",
      [
        [0.55, false],
        [1, true],
      ],
    ],
    ["boss", [[0.7, false]]],
  ]);
  expect(found.ticks.map((tick) => tick.seconds)).toEqual([0, 300, 600]);
});

it("what never fired, or never ended, has no such phase or one to the end", () => {
  expect(drillLanes(drill(entry(0, "incident"), entry(100, "over"))).phases).toEqual([]);
  expect(drillLanes(drill(entry(0, "incident"), entry(50, "firing"), entry(100, "over"))).phases).toEqual([
    { phase: "firing", from: 0.5, to: 1 },
  ]);
  expect(drillLanes(drill()).lanes).toEqual([]);
});
