import { describe, expect, test } from "vitest";
import { terms, withTerm } from "./search";

describe("a search's text", () => {
  test("splits at spaces outside of quotes and parentheses", () => {
    expect(terms('a:b "free text" (c OR d)  -e:"x y"')).toEqual(["a:b", '"free text"', "(c OR d)", '-e:"x y"']);
  });
  test("a filter is added once, quoted where it must be, and replaces its opposite", () => {
    expect(withTerm("", "service", "api")).toBe("service:api");
    expect(withTerm("service:api", "service", "api")).toBe("service:api");
    expect(withTerm("x", "http.route", "/a/:id")).toBe('x http.route:"/a/:id"');
    expect(withTerm("level:error x", "level", "error", true)).toBe("x -level:error");
  });
});
