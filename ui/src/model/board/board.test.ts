import { describe, expect, it } from "vitest";
import type { QueryData } from "@/api/prometheus";
import { calculate } from "./calculations";
import { type Frame, legendOf, promFrames, sqlFrame, titleOf } from "./frames";
import { cssColor, show, withLooks } from "./looks";
import { transform, type Transformation } from "./transformations";
import { formatUnit } from "./units";

const MATRIX: QueryData = {
  resultType: "matrix",
  result: [
    { metric: { job: "a" }, values: [[10, "1"], [20, "2"], [50, "4"]] }, // prettier-ignore
    { metric: { job: "b" }, values: [[10, "NaN"]] },
  ],
};
const VECTOR: QueryData = {
  resultType: "vector",
  result: [
    { metric: { job: "a", env: "x" }, value: [10, "1"] },
    { metric: { job: "b" }, value: [10, "2"] },
  ],
};

describe("frames", () => {
  it("of a range are a series each, with gaps", () => {
    const [first, second] = promFrames(MATRIX, { ref: "A", language: "promql", text: "" }, 10_000, false);
    expect(first?.fields[0]?.values).toEqual([10_000, 20_000, 30_000, 50_000]);
    expect(first?.fields[1]?.values).toEqual([1, 2, null, 4]);
    expect(first?.name).toBe("a");
    expect(second?.fields[1]?.values).toEqual([null]);
  });
  it("as a table are one, with a column a label", () => {
    const query = { ref: "B", language: "promql", text: "", format: "table" } as const;
    const [table] = promFrames(VECTOR, query, 1000, true);
    expect(table?.fields.map((field) => [field.name, field.values])).toEqual([
      ["Time", [10_000, 10_000]],
      ["env", ["x", ""]],
      ["job", ["a", "b"]],
      ["Value #B", [1, 2]],
    ]);
  });
  it("have the legend's names", () => {
    expect(legendOf("{{job}} in {{ env }}{{none}}", { job: "a", env: "x" })).toBe("a in x");
  });
  it("of SQL know times and numbers", () => {
    const columns = [
      { name: "at", type: "DateTime64(3, 'UTC')" },
      { name: "n", type: "Nullable(UInt64)" },
    ];
    const frame = sqlFrame(columns, [["2026-11-27 01:00:00.000", "7"], ["2026-11-27 01:00:01.000", null]], "A"); // prettier-ignore
    expect(frame.fields.map((field) => field.values)).toEqual([
      [Date.UTC(2026, 10, 27, 1), Date.UTC(2026, 10, 27, 1, 0, 1)],
      [7, null],
    ]);
  });
});

describe("calculations", () => {
  it.each([
    ["lastNotNull", 3],
    ["last", null],
    ["first", 1],
    ["min", 1],
    ["max", 5],
    ["mean", 3],
    ["sum", 9],
    ["count", 4],
    ["range", 4],
    ["delta", 7],
    ["p50", 3],
    ["nothing", null],
  ])("%s", (id, expected) => {
    expect(calculate(id, [1, 5, 3, null])).toBe(expected);
  });
  it.each(["min", "max", "mean", "p95", "range"])("%s of nothing is nothing", (id) => {
    expect(calculate(id, [null])).toBeNull();
  });
});

describe("units", () => {
  it.each([
    [0.0123, "s", "12.3 ms"],
    [1500, "ms", "1.5 s"],
    [1536, "bytes", "1.5 KiB"],
    [1500, "decbytes", "1.5 kB"],
    [0.5, "percentunit", "50 %"],
    [12.345, "percent", "12.3 %"],
    [1234, "reqps", "1.23 K req/s"],
    [1234567, "short", "1.23 M"],
    [1234567, "none", "1,234,570"],
    [1200, "currencyUSD", "$ 1.2 K"],
    [3, "suffix:jobs", "3 jobs"],
    [1, "bool_yes_no", "Yes"],
    [Number.POSITIVE_INFINITY, "s", "+Inf"],
    [2.5, "celsius", "2.5 °C"],
    [2.5, "furlongs", "2.5 furlongs"],
  ])("%d as %s", (value, unit, expected) => {
    expect(formatUnit(value, unit)).toBe(expected);
  });
  it("has the decimals that are asked for", () => {
    expect(formatUnit(1.23456, "percent", 2)).toBe("1.23 %");
  });
});

describe("looks", () => {
  const steps = [
    { from_value: null, color: "green" },
    { from_value: 80, color: "dark-red" },
  ];
  it("takes the colour of the step that is reached", () => {
    expect(show(79, { thresholds: { steps } }).color).toBe(cssColor("green"));
    expect(show(80, { thresholds: { steps } }).color).toBe("var(--bad-line)");
    expect(show(45, { min: 0, max: 50, thresholds: { mode: "percentage", steps } }).color).toBe("var(--bad-line)");
  });
  it("shows what a value is mapped to", () => {
    const mappings = [
      { kind: "value", match: "1", text: "Up", color: "green" },
      { kind: "range", from_value: 2, to_value: null, text: "Many" },
      { kind: "special", match: "null+nan", text: "Gone" },
      { kind: "regex", match: "^a", text: "A…" },
    ] as const;
    const look = { mappings: [...mappings] };
    expect([1, 3, null, "abc", 0].map((value) => show(value, look).text)).toEqual(["Up", "Many", "Gone", "A…", "0"]);
  });
  it("overrides what fits, in order", () => {
    const frames: Frame[] = promFrames(MATRIX, { ref: "A", language: "promql", text: "" }, 10_000, false);
    const fields = {
      defaults: { unit: "s", drawing: { line_width: 2 } },
      overrides: [
        { matcher: { by: "name", match: ["b"] }, field: { unit: "bytes", title: "${__field.labels.job}!" } },
        { matcher: { by: "regex", match: ["/A|b/"] }, field: { drawing: { fill_opacity: 10 } } },
        { matcher: { by: "value", match: ["max", "gt", "3"] }, field: { decimals: 1 } },
      ],
    } as const;
    const [a, b] = withLooks(frames, fields as never, {}).map((frame) => frame.fields[1]);
    expect(a?.look).toEqual({ unit: "s", decimals: 1, drawing: { line_width: 2 } });
    expect(b?.look).toMatchObject({ unit: "bytes", drawing: { line_width: 2, fill_opacity: 10 } });
    expect(b && titleOf(b)).toBe("b!");
  });
});

describe("transformations", () => {
  const table = (ref: string, columns: Record<string, unknown[]>): Frame => ({
    ref,
    fields: Object.entries(columns).map(([name, values]) => ({
      name,
      kind: name === "Time" ? "time" : typeof values[0] === "number" ? "number" : "string",
      values,
    })),
  });
  const shown = (frames: Frame[]) => frames.map((frame) => frame.fields.map((one) => [titleOf(one), one.values]));
  const A = table("A", { Time: [1, 2, 3], job: ["x", "y", "x"], Value: [1, 2, 3] });
  const cases: [string, Frame[], Transformation[], unknown][] = [
    [
      "organize",
      [A],
      [{ id: "organize", exclude: ["Time"], order: ["Value"], rename: { job: "Job" } }],
      [[["Value", [1, 2, 3]], ["Job", ["x", "y", "x"]]]], // prettier-ignore
    ],
    [
      "merge",
      [table("A", { job: ["x", "y"], "Value #A": [1, 2] }), table("B", { job: ["y", "z"], "Value #B": [3, 4] })],
      [{ id: "merge" }],
      [[["job", ["x", "y", "z"]], ["Value #A", [1, 2, null]], ["Value #B", [null, 3, 4]]]], // prettier-ignore
    ],
    [
      "joinByField over time",
      [table("A", { Time: [1, 2], a: [1, 2] }), table("B", { Time: [2, 3], b: [5, 6] })],
      [{ id: "joinByField" }],
      [[["Time", [1, 2, 3]], ["a", [1, 2, null]], ["b", [null, 5, 6]]]], // prettier-ignore
    ],
    [
      "joinByField inner",
      [table("A", { k: ["p", "q"], a: [1, 2] }), table("B", { k: ["q"], b: [5] })],
      [{ id: "joinByField", field: "k", mode: "inner" }],
      [[["k", ["q"]], ["a", [2]], ["b", [5]]]], // prettier-ignore
    ],
    [
      "reduce",
      [A],
      [{ id: "reduce", calculations: ["max", "mean"] }],
      [[["Field", ["Value"]], ["Max", [3]], ["Mean", [2]]]], // prettier-ignore
    ],
    ["filterFieldsByName", [A], [{ id: "filterFieldsByName", include_regex: "/^V/" }], [[["Value", [1, 2, 3]]]]],
    ["filterByRefId", [A, table("B", { b: [1] })], [{ id: "filterByRefId", include: "B" }], [[["b", [1]]]]],
    [
      "filterByValue",
      [A],
      [{ id: "filterByValue", tests: [{ field: "Value", test: "greater", values: [1] }] }],
      [[["Time", [2, 3]], ["job", ["y", "x"]], ["Value", [2, 3]]]], // prettier-ignore
    ],
    [
      "groupBy",
      [A],
      [
        {
          id: "groupBy",
          fields: [
            { field: "job", operation: "groupby" },
            { field: "Value", operation: "aggregate", calculations: ["sum"] },
          ],
        },
      ],
      [[["job", ["x", "y"]], ["Value (sum)", [4, 2]]]], // prettier-ignore
    ],
    [
      "calculateField of two",
      [table("A", { a: [6, 8], b: [3, 2] })],
      [{ id: "calculateField", mode: "binary", left: "a", operator: "/", right: "b", alias: "share", replace: true }],
      [[["share", [2, 4]]]],
    ],
    [
      "sortBy, limit",
      [table("A", { a: [2, 3, 1] })],
      [
        { id: "sortBy", sort: [{ field: "a", descending: true }] },
        { id: "limit", rows: 2 },
      ],
      [[["a", [3, 2]]]],
    ],
    ["renameByRegex", [table("A", { a_total: [1] })], [{ id: "renameByRegex", regex: "(.*)_total", replacement: "$1" }], [[["a", [1]]]]], // prettier-ignore
    [
      "convertFieldType",
      [table("A", { a: ["1", "2"] })],
      [{ id: "convertFieldType", conversions: [{ field: "a", type: "number" }] }],
      [[["a", [1, 2]]]],
    ],
  ];
  it.each(cases)("%s", (_, frames, steps, expected) => {
    expect(shown(transform(frames, steps))).toEqual(expected);
  });
  it("labels become columns", () => {
    const frames = promFrames(VECTOR, { ref: "A", language: "promql", text: "" }, 1000, false);
    expect(shown(transform(frames, [{ id: "labelsToFields" }]))).toEqual([
      [["Time", [10_000, 10_000]], ["job", ["a", "b"]], ["env", ["x", null]], ["Value", [1, 2]]], // prettier-ignore
    ]);
  });
});
