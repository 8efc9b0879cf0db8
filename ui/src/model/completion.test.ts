import { describe, expect, it } from "vitest";
import { suggestNames, suggestValues, unfinished } from "./completion";

const fields = ["http.route", "service", "host.name"].map((name) => ({ name, type: "keyword", origin: "builtin" }));

describe("completion", () => {
  it.each([
    ["ser", { kind: "name", word: "ser" }],
    ["level:error -ser", { kind: "name", word: "ser" }],
    ["(http.ro", { kind: "name", word: "http.ro" }],
    ["service:", { kind: "value", field: "service", word: "" }],
    ["a -service:or", { kind: "value", field: "service", word: "or" }],
    ['service:"pay', { kind: "value", field: "service", word: '"pay' }],
    ["duration:>5", null],
    ["service:api ", null],
    ["", null],
  ])("of %j", (text, wanted) => expect(unfinished(text)).toEqual(wanted));

  it("puts names that begin with the word first", () => {
    expect(suggestNames("level:info h", fields, 8).map((one) => one.taken)).toEqual([
      "level:info http.route:",
      "level:info host.name:",
    ]);
    expect(suggestNames("e", fields, 8).map((one) => one.text)).toEqual(["http.route", "service", "host.name"]);
  });

  it("writes values as a search needs them", () => {
    const values = [
      { value: "GET /orders", note: "3" },
      { value: "ping", note: "1" },
    ];
    expect(suggestValues("-name:ord", values, 8)).toEqual([
      { text: "GET /orders", note: "3", taken: '-name:"GET /orders" ' },
    ]);
    expect(suggestValues('name:"GET', values, 8)[0]?.taken).toBe('name:"GET /orders" ');
    expect(suggestValues("name:", values, 1)).toHaveLength(1);
  });
});
