import { describe, expect, it } from "vitest";
import { askedIn, costsOf, placeOf, storiesOf, storySearch } from "./story";

describe("storySearch", () => {
  it("asks about one id and about nothing that was asked before", () => {
    const search = storySearch("user", "u-7");
    expect(search.user_id).toBe("u-7");
    expect("correlation_id" in search && search.correlation_id === undefined).toBe(true);
    expect(storySearch("any", "x").id).toBe("x");
  });
});

describe("costsOf", () => {
  const story = { start: "2026-11-27T10:00:00Z", end: "2026-11-27T10:05:00Z" };

  it("narrows costs to the id and to the time of its story", () => {
    expect(costsOf({ kind: "correlation", value: "c-1" }, story)).toEqual({
      match: ["correlation_id=c-1"],
      start: "2026-11-27T09:00:00.000Z",
      end: "2026-11-27T11:05:00.000Z",
    });
    expect(costsOf({ kind: "user", value: "u" }, story)?.match).toEqual(["user=u"]);
  });

  it("knows no costs of other ids, nor of what never was", () => {
    expect(costsOf({ kind: "message", value: "SM1" }, story)).toBeUndefined();
    expect(costsOf({ kind: "job", value: "1" }, { start: null, end: null })).toBeUndefined();
  });
});

describe("placeOf", () => {
  it("reads path and search of a link", () => {
    expect(placeOf("/logs?query=trace_id:ab&line=1-2")).toEqual({
      to: "/logs",
      search: { query: "trace_id:ab", line: "1-2" },
    });
    expect(placeOf("/errors/event/1")).toEqual({ to: "/errors/event/1", search: {} });
  });
});

describe("askedIn", () => {
  it("reads a line for each id, and values that have an equals sign", () => {
    expect(askedIn("user_id=7\n\nentity=linkup:4=2\nuser_id=8\nnothing")).toEqual({
      user_id: ["7", "8"],
      entity: ["linkup:4=2"],
    });
  });
});

describe("storiesOf", () => {
  it("finds an id under each of its names, and a trace where no correlation id is", () => {
    expect(storiesOf({ correlationId: "c", user_id: "u", path: "/" }, "t")).toEqual([
      { kind: "correlation", value: "c" },
      { kind: "user", value: "u" },
    ]);
    expect(storiesOf({ path: "/" }, "t")).toEqual([{ kind: "trace", value: "t" }]);
    expect(storiesOf({})).toEqual([]);
  });
});
