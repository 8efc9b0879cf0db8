import { describe, expect, it } from "vitest";
import type { StateMachine } from "@/api/types";
import { changes, matrixOf, partyText, statesText } from "./events";

const move = (from_state: string, to_state: string, count = 1, legal = true) => ({
  from_state,
  to_state,
  count,
  legal,
  share: 1,
  points: [],
});
const state = (name: string) =>
  ({ state: name, known: true, entities: 0, share: 0, stuck: 0 }) as unknown as StateMachine["states"][number];

describe("events", () => {
  it("names entities, actors and states as the API's filters take them", () => {
    expect(partyText({ type: "linkup", id: "42" })).toBe("linkup:42");
    expect(partyText({ type: "", id: "42" })).toBe("42");
    expect(partyText(null)).toBe("");
    expect(statesText({ from_state: "a", to_state: "b" })).toBe("a → b");
    expect(statesText({ from_state: "", to_state: "b" })).toBe("→ b");
    expect(statesText({ from_state: "a", to_state: "" })).toBe("");
  });

  it("orders a matrix as the plan has its states, beginnings first and strangers last", () => {
    const matrix = matrixOf({
      states: ["created", "broadcasting", "locked"].map(state),
      transitions: [
        move("broadcasting", "locked"),
        move("", "created"),
        move("created", "gone", 2, false),
        move("created", "broadcasting", 0),
      ],
    });
    expect(matrix.from).toEqual(["", "created", "broadcasting"]);
    expect(matrix.to).toEqual(["created", "broadcasting", "locked", "gone"]);
    expect(matrix.cell("created", "gone")?.legal).toBe(false);
    expect(matrix.cell("locked", "created")).toBeUndefined();
  });

  it("shows of before and after what differs", () => {
    expect(changes({ a: 1, b: "x", c: [1] }, { a: 1, b: "y", d: true })).toEqual([
      { name: "b", before: "x", after: "y" },
      { name: "c", before: "[1]", after: "" },
      { name: "d", before: "", after: "true" },
    ]);
    expect(changes(null, null)).toEqual([]);
  });
});
