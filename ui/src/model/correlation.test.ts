import { expect, test } from "vitest";
import { gapText, gapWord } from "./correlation";

const gap = { source: "api", target: "worker", traces: 40, lost: 10, replaced: 0, example_trace: "t", since: "" };

test.each([
  [gap, "⚠ id lost", "worker has no correlation id where api has one, in 25 % of 40 traces"],
  [
    { ...gap, lost: 0, replaced: 40 },
    "⚠ other id",
    "worker has another correlation id than api, in 100 % of 40 traces",
  ],
  [{ ...gap, replaced: 2 }, "⚠ id lost", "worker has no correlation id, or another than api, in 30 % of 40 traces"],
])("a gap says what is lost, and how often", (one, word, text) => {
  expect([gapWord(one), gapText(one)]).toEqual([word, text]);
});
