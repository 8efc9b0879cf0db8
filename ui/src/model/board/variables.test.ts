import { describe, expect, it } from "vitest";
import type { BoardVariable } from "@/api/types";
import { ALL, chosenOf, optionsOf, pickedOf } from "./variables";

const QUERY: BoardVariable = { name: "job", kind: "query", multi: true, all: true };
const OPTIONS = [
  { value: "a", text: "a" },
  { value: "b", text: "b" },
];

describe("options", () => {
  it("are what fits, by groups of the expression", () => {
    const regex = '/name="(?<text>[^"]+)", id="(?<value>\\d+)"/';
    expect(optionsOf({ ...QUERY, regex }, ['x{name="One", id="1"}', "y"])).toEqual([{ value: "1", text: "One" }]);
  });
  it.each([
    ["asc", ["a10", "a9", "b"]],
    ["desc", ["b", "a9", "a10"]],
    ["numeric-asc", ["a9", "a10", "b"]],
  ] as const)("are sorted %s", (sort, expected) => {
    const found = optionsOf({ ...QUERY, sort }, ["b", "a10", "a9"]).map((one) => one.value);
    if (sort === "numeric-asc") expect(found.filter((one) => one !== "b")).toEqual(expected.slice(0, 2));
    else expect(found).toEqual(expected);
  });
});

describe("what is picked", () => {
  it("is the address's, then the board's, then all, then the first", () => {
    expect(pickedOf(QUERY, OPTIONS, ["c"])).toEqual(["c"]);
    expect(pickedOf({ ...QUERY, chosen: ["b"] }, OPTIONS, undefined)).toEqual(["b"]);
    expect(pickedOf({ ...QUERY, chosen: ["gone"] }, OPTIONS, undefined)).toEqual([ALL]);
    expect(pickedOf({ ...QUERY, all: false }, OPTIONS, undefined)).toEqual(["a"]);
    expect(pickedOf({ name: "t", kind: "textbox", chosen: ["x"] }, [], undefined)).toEqual(["x"]);
  });
  it("stands for every value, or for what the board says, when it is all", () => {
    expect(chosenOf(QUERY, OPTIONS, [ALL], 0)).toEqual({ values: ["a", "b"], many: true, texts: ["All"] });
    expect(chosenOf({ ...QUERY, all_value: ".*" }, OPTIONS, [ALL], 0).raw).toBe(".*");
  });
  it("follows the range when it is automatic", () => {
    const variable: BoardVariable = { name: "i", kind: "interval", auto: true };
    expect(chosenOf(variable, [], ["$__auto"], 3_600_000).values).toEqual(["2m"]);
  });
});
