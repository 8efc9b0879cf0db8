import { describe, expect, it } from "vitest";
import type { BoardVariable, Dashboard } from "@/api/types";
import {
  nameProblem,
  newVariable,
  ofKind,
  optionsIn,
  optionsText,
  summaryOf,
  tooLate,
  usesOf,
  withVariables,
} from "./variableEdits";

const job: BoardVariable = {
  name: "job",
  kind: "query",
  label: "Job",
  query: { kind: "label_values", match: "up", label: "job" },
  multi: true,
  chosen: ["api"],
};
const instance: BoardVariable = {
  name: "instance",
  kind: "query",
  query: { kind: "label_values", match: 'up{job="$job"}', label: "instance" },
};
const board: Dashboard = {
  uid: "b",
  title: "B",
  variables: [job, instance],
  rows: [
    {
      title: "Of $job",
      repeat: "job",
      panels: [
        {
          id: 1,
          title: "Up",
          options: { kind: "stat" },
          queries: [{ ref: "A", language: "promql", text: 'up{job=~"${job:pipe}", at="$jobs", i="[[instance]]"}' }],
        },
        { id: 2, title: "Each", options: { kind: "stat" }, repeat: { variable: "job" } },
        { id: 3, title: "None", options: { kind: "stat" } },
      ],
    },
  ],
};

describe("a variable", () => {
  it("that is new has a name of its own and asks for values of a label", () =>
    expect(newVariable(["variable1"])).toEqual({ name: "variable2", kind: "query", query: { kind: "label_values" } }));
  it("of another kind keeps what that has, too", () => {
    expect(ofKind(job, "custom")).toEqual({ name: "job", label: "Job", kind: "custom", multi: true });
    expect(ofKind(job, "interval").options?.map(({ value }) => value)).toEqual(["1m", "5m", "15m", "1h"]);
    expect(ofKind(job, "query")).toEqual(job);
    expect(ofKind(job, "datasource")).toEqual({
      name: "job",
      label: "Job",
      kind: "datasource",
      datasource: "prometheus",
    });
  });
  it.each([
    ["", "a variable needs a name"],
    ["a b", "letters, digits and _ alone"],
    ["__range", "names that begin with __ are Midwatch's own"],
    ["n".repeat(101), "at most 100 characters"],
    ["taken", "another variable has this name"],
    ["n".repeat(100), null],
  ])("called %s is told: %s", (name, problem) => expect(nameProblem(name, ["taken"])).toBe(problem));
  it("is told in a line", () => {
    expect(summaryOf(job)).toBe("label_values(up, job)");
    expect(summaryOf({ name: "i", kind: "query", query: { kind: "label_values", label: "env" } })).toBe(
      "label_values(env)",
    );
    expect(summaryOf({ name: "f", kind: "adhoc", filters: [{ key: "a", operator: "!=", value: "b" }] })).toBe("a != b");
    expect(summaryOf({ name: "t", kind: "textbox", chosen: ["x"] })).toBe("x");
  });
  it("that asks with a later one is found", () => {
    expect(tooLate(instance, [job])).toEqual(["job"]);
    expect(tooLate(job, [instance])).toEqual([]);
  });
});

it("options are one a line, with what is shown before a colon between blanks", () => {
  const options = [
    { text: "Production", value: "prod" },
    { text: "http://a:80, b", value: "http://a:80, b" },
  ];
  expect(optionsText(options)).toBe("Production : prod\nhttp://a:80, b");
  expect(optionsIn(`${optionsText(options)}\n\n  `)).toEqual(options);
});

describe("another name", () => {
  it("goes wherever the board speaks of the variable, and nowhere else", () => {
    const after = withVariables(board, [{ ...job, name: "service" }, instance], new Map([["job", "service"]]));
    const [row] = after.rows ?? [];
    expect([row?.title, row?.repeat]).toEqual(["Of $service", "service"]);
    expect(row?.panels?.[0]?.queries?.[0]?.text).toBe('up{job=~"${service:pipe}", at="$jobs", i="[[instance]]"}');
    expect(row?.panels?.[1]?.repeat?.variable).toBe("service");
    expect(row?.panels?.[2]).toBe(board.rows?.[0]?.panels?.[2]);
    expect(after.variables?.[1]?.query?.match).toBe('up{job="$service"}');
  });
  it("may be that of another, which takes this one's", () => {
    const swapped = new Map([
      ["job", "instance"],
      ["instance", "job"],
    ]);
    const text = withVariables(board, [], swapped).rows?.[0]?.panels?.[0]?.queries?.[0]?.text;
    expect(text).toBe('up{job=~"${instance:pipe}", at="$jobs", i="[[job]]"}');
  });
  it("is not asked for where nothing has another", () => {
    expect(withVariables(board, [job], new Map()).rows).toBe(board.rows);
  });
});

it("what speaks of a variable is named", () => {
  expect(usesOf(board, "job")).toEqual(["Of $job", "Up", "Each", "$instance"]);
  expect(usesOf(board, "nobody")).toEqual([]);
});
