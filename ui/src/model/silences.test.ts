import { describe, expect, it } from "vitest";
import type { SilenceShown } from "@/api/types";
import { extended, matchersText, silenceRows, silenceTimes, UNTIL } from "./silences";

const NOW = Date.parse("2026-11-27T12:00:00Z");
const at = (hours: number) => new Date(NOW + hours * 3.6e6).toISOString();

function silence(id: string, state: SilenceShown["state"], starts: number, ends: number, comment = ""): SilenceShown {
  return {
    ...{ id, state, comment, starts_at: at(starts), ends_at: at(ends), updated_at: at(starts) },
    ...{ matchers: [{ name: "queue", operator: "=~", value: id }], text: `queue=~"${id}"` },
    ...{ created_by: "ana", hides: 0 },
  };
}

describe("the list of silences", () => {
  const all = [
    silence("over", "expired", -9, -8),
    silence("later", "pending", 5, 6),
    silence("long", "active", -1, 9, "the mailer is moved"),
    silence("over since", "expired", -3, -1),
    silence("soon", "pending", 1, 99),
    silence("short", "active", -1, 2),
  ];
  const ids = (...[state, filter = ""]: [SilenceShown["state"]?, string?]) =>
    silenceRows(all, state, filter).map((one) => one.id);

  it("has what ends first before, then what begins first, then what ended last", () =>
    expect(ids()).toEqual(["short", "long", "soon", "later", "over since", "over"]));
  it("can be of one state", () => expect(ids("pending")).toEqual(["soon", "later"]));
  it("is searched by matchers, reason and author", () => {
    expect(ids(undefined, "MAILER moved")).toEqual(["long"]);
    expect(ids(undefined, 'queue=~"sho')).toEqual(["short"]);
    expect(ids("active", "ana")).toEqual(["short", "long"]);
  });
});

describe("matchers", () =>
  it("are written so that they can be read again", () =>
    expect(
      matchersText({
        matchers: [
          { name: "a", operator: "!=", value: 'x"y' },
          { name: "b", operator: "=~", value: "1|2" },
        ],
      }),
    ).toBe('a!="x\\"y", b=~"1|2"')));

describe("times of a silence", () => {
  const local = (hours: number) => {
    const date = new Date(NOW + hours * 3.6e6);
    return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  };
  it.each([
    ["hours from now", { begins: "", lasts: "2", until: "" }, { starts_at: null, ends_at: at(2) }],
    ["hours from its beginning", { begins: local(3), lasts: "2", until: "" }, { starts_at: at(3), ends_at: at(5) }],
    [
      "hours from now, where it began",
      { begins: local(-3), lasts: "2", until: "" },
      { starts_at: at(-3), ends_at: at(2) },
    ],
    ["until a moment", { begins: "", lasts: UNTIL, until: local(7) }, { starts_at: null, ends_at: at(7) }],
    ["until nothing", { begins: "", lasts: UNTIL, until: "" }, { starts_at: null, ends_at: "" }],
  ])("%s", (_, times, expected) => expect(silenceTimes(times, NOW)).toEqual(expected));
  it("are what they were where nobody changed them", () => {
    const before = { starts_at: "2026-11-27T14:00:31Z", ends_at: "2026-11-27T15:00:32.5Z" };
    const shown = { begins: local(2), lasts: UNTIL, until: local(3) };
    expect(silenceTimes(shown, NOW, before)).toEqual(before);
  });
  it("one more hour counts from its end, or from now", () => {
    expect(extended({ ends_at: at(2) }, NOW)).toBe(at(3));
    expect(extended({ ends_at: at(-2) }, NOW)).toBe(at(1));
  });
});
