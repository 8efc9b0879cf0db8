import { describe, expect, it } from "vitest";
import type { Activity, IssueDetail, IssueSummary } from "@/api/types";
import { fieldRows, sectionsOf } from "./contexts";
import { crumbsOf, crumbWords, type Frame, messageOf, problemsOf, thrownOf, threadsOf, unreadStack } from "./event";
import {
  activityWords,
  badgesOf,
  between,
  droppedWords,
  mergeTarget,
  otherIssues,
  standingCount,
  standingParams,
  titleParts,
  untilWords,
} from "./issue";
import { seriesOf, trendPoints } from "./overTime";
import { firstOpen, piecesOf, sourceOf, stackText } from "./stack";

const own: Frame = { function: "pay", filename: "pay.py", lineno: 42, in_app: true };
const library: Frame = { function: "loads", filename: "json/decoder.py", lineno: 3, in_app: false };

describe("an event's exceptions", () => {
  const event = {
    exception: {
      values: [
        { type: "ValueError", value: "no digits", stacktrace: { frames: [library] } },
        {
          type: "PaymentFailed",
          value: "refused",
          mechanism: { type: "django", handled: false },
          stacktrace: { frames: [library, own] },
          raw_stacktrace: { frames: [library] },
        },
      ],
    },
  };
  it("what was caught stands on top, its innermost call first", () => {
    const [first, cause] = thrownOf(event);
    expect(first).toMatchObject({ type: "PaymentFailed", handled: false, mechanism: "django" });
    expect(first?.frames[0]?.function).toBe("pay");
    expect(first?.rawFrames).toHaveLength(1);
    expect(cause).toMatchObject({ type: "ValueError", handled: null, rawFrames: null });
  });
  it("are copied with their causes", () =>
    expect(stackText(thrownOf(event))).toBe(
      "PaymentFailed: refused\n    at pay (pay.py:42)\n    at loads (json/decoder.py:3)\n" +
        "Caused by: ValueError: no digits\n    at loads (json/decoder.py:3)",
    ));
  it.each([[{}], [{ exception: null }], [{ exception: { values: "no" } }], [{ exception: { values: [null, 1] } }]])(
    "nothing that is wrong in %j breaks",
    (odd) => expect(thrownOf(odd).every((one) => one.frames.length === 0)).toBe(true),
  );
  it("a stack of no known language is shown as it came, and only where there are no frames", () => {
    const odd = { contexts: { attributes: { "exception.stacktrace": "in mod_x\nin mod_y" } } };
    expect(unreadStack(odd)).toBe("in mod_x\nin mod_y");
    expect(unreadStack({ ...odd, ...event })).toBe("");
  });
  it("threads and the place of a message have stacks of their own", () =>
    expect(
      threadsOf({
        stacktrace: { frames: [own] },
        threads: { values: [{ id: 7, crashed: true, stacktrace: { frames: [own] } }, { id: 8 }] },
      }).map((one) => [one.name, one.crashed]),
    ).toEqual([
      ["where it was told", false],
      ["7", true],
    ]));
  it("a message is told where no exception says it", () => {
    expect(messageOf({ logentry: { message: "hello %s", formatted: "hello world" } })).toBe("hello world");
    expect(messageOf({ ...event, logentry: { formatted: "refused" } })).toBe("");
  });
});

describe("a stack", () => {
  it("frames of libraries in a row are folded between the team's own", () => {
    const pieces = piecesOf([library, own, library, library], false);
    expect(pieces.map((one) => (one.kind === "fold" ? one.frames.length : "own"))).toEqual([1, "own", 2]);
    expect(piecesOf([library, own], true).every((one) => one.kind === "frame")).toBe(true);
  });
  it("where nothing is the team's own the innermost stays", () =>
    expect(piecesOf([library, library], false).map((one) => one.kind)).toEqual(["frame", "fold"]));
  it("the innermost of the team's own is open", () => {
    expect(firstOpen([library, own])).toBe(1);
    expect(firstOpen([library])).toBe(0);
  });
  it("source lines are numbered around the one that was run", () =>
    expect(sourceOf({ ...own, pre_context: ["a", "b"], context_line: "c", post_context: ["d"] })).toEqual([
      { number: 40, text: "a", on: false },
      { number: 41, text: "b", on: false },
      { number: 42, text: "c", on: true },
      { number: 43, text: "d", on: false },
    ]));
});

describe("what else an event tells", () => {
  it.each([
    [{ category: "http", data: { method: "GET", url: "/a", status_code: 500 } }, "GET /a → 500"],
    [{ category: "navigation", data: { from: "/", to: "/cart" } }, "/ → /cart"],
    [{ message: "clicked", data: { x: 1 } }, "clicked"],
    [{ data: { x: 1 } }, "x=1"],
  ])("the crumb %j reads as %s", (crumb, words) =>
    expect(crumbsOf({ breadcrumbs: { values: [crumb] } }).map(crumbWords)).toEqual([words]),
  );
  it("problems are told in words, unknown ones by their name", () =>
    expect(
      problemsOf({
        errors: [
          { type: "missing_source_map", url: "/a.js" },
          { type: "js_odd_thing", name: "x" },
        ],
      }),
    ).toEqual(["/a.js was uploaded without its source map: its frames stay minified.", "js odd thing: x"]));
  it("sections come in the order in which they help, without those that are links", () =>
    expect(
      sectionsOf({
        user: { id: 1 },
        contexts: { trace: { trace_id: "a" }, os: { name: "Linux", type: "os" }, order: { id: 3 } },
        request: { url: "/a", headers: [["Accept", "*/*"]] },
        extra: {},
      }).map((one) => one.title),
    ).toEqual(["Request", "Request headers", "User", "Operating system", "order"]));
  it("nested values have names with points; empty ones are left out", () =>
    expect(fieldRows({ geo: { city: "Graz", zip: null }, list: [1, 2], off: false })).toEqual([
      ["geo.city", "Graz"],
      ["list", "[1,2]"],
      ["off", "false"],
    ]));
});

describe("an issue", () => {
  const issue = { id: 3, type: "KeyError", value: "'a'\nmore", title: "KeyError: 'a'", status: "unresolved" };
  const summary = (part: object) =>
    ({ ...issue, substatus: "ongoing", handled: true, first_seen: "2026-01-01", ...part }) as IssueSummary;
  const detail = (part: object, more: object) =>
    ({ issue: summary(part), resolved_in: "", ignored_until: {}, ...more }) as IssueDetail;
  const act = (kind: string, data: object) => ({ kind, data, actor: "", time: "" }) as Activity;
  it("is called by its type and the first line of what it says, or as a rule says", () => {
    expect(titleParts(summary({}))).toEqual({ head: "KeyError", said: "'a'" });
    expect(titleParts(summary({ title: "The database is gone" }))).toEqual({ head: "The database is gone", said: "" });
    expect(titleParts(summary({ type: "", title: "hello" }))).toEqual({ head: "hello", said: "" });
  });
  it("wears what is to be known of it", () => {
    expect(badgesOf(summary({ substatus: "regressed", handled: false })).map((one) => one.word)).toEqual([
      "regressed",
      "unhandled",
    ]);
    expect(badgesOf(summary({ status: "resolved", substatus: "new" })).map((one) => one.word)).toEqual(["resolved"]);
    expect(badgesOf(summary({}))).toEqual([]);
  });
  it.each([
    [{ status: "resolved" }, { resolved_in: ">1.2" }, "until it is seen in a release after 1.2"],
    [{ status: "resolved" }, { resolved_in: "=1.2" }, "until it is seen in 1.2 or later"],
    [{ status: "ignored" }, {}, "for good"],
    [{ status: "ignored" }, { ignored_until: { count: 1000 } }, "until it came 1,000 more times"],
    [{}, {}, ""],
  ])("%j %j stays so %s", (part, more, words) => expect(untilWords(detail(part, more))).toBe(words));
  it("what happened is told in words, with the issues that it is about", () => {
    expect(activityWords(act("resolved", { in: ">1.2" }))).toBe("resolved in the release after 1.2");
    expect(activityWords(act("assigned", { to: "" }))).toBe("assigned to nobody");
    expect(activityWords(act("odd_thing", {}))).toBe("odd thing");
    expect(otherIssues(act("merge", { issues: [4, 5] }))).toEqual([4, 5]);
    expect(otherIssues(act("split_from", { issue: 4 }))).toEqual([4]);
  });
  it("others are merged into the one that is known for longest", () =>
    expect(mergeTarget([summary({ id: 9 }), summary({ id: 4, first_seen: "2025-01-01" })])?.id).toBe(4));
  it("standings are asked for by status, and new ones by how they came to be", () => {
    expect(standingParams("regressed")).toEqual({ status: "unresolved", substatus: "regressed" });
    expect(standingParams("ignored")).toEqual({ status: "ignored" });
    expect(standingCount({ unresolved: 2, new: 1, resolved: 3 }, "all")).toBe(5);
  });
});

describe("lists", () => {
  it("with Shift all between two are picked, whichever comes first", () => {
    expect(between([1, 2, 3, 4], 3, 1)).toEqual([1, 2, 3]);
    expect(between([1, 2], 9, 2)).toEqual([2]);
  });
  it("why events were not kept is told, the commonest first", () =>
    expect(droppedWords({ error_past_timestamp: 9, sampled_out: 2, filtered_crawler: 1500, odd_one: 1 })).toEqual({
      total: 1503,
      parts: ["1,500 of a crawler", "2 left out by sampling", "1 odd one"],
    }));
  it("the commonest series comes first, and what is left together last", () => {
    const { series, total } = seriesOf({
      step_seconds: 60,
      start: "1970-01-01T00:00:00Z",
      series: { other: [9, 9], "": [1, 0], a: [2, 3] },
    });
    expect(series.map((one) => [one.name, one.total])).toEqual([
      ["a", 5],
      ["(none)", 1],
      ["other", 18],
    ]);
    expect(series[0]?.points).toEqual([
      [0, 2],
      [60_000, 3],
    ]);
    expect(total).toBe(24);
  });
  it("a trend has zeros where nothing came", () =>
    expect(
      trendPoints(
        { step_seconds: 60, points: [{ time: "1970-01-01T00:01:00Z", events: 4, users: 1 }] },
        30_000,
        130_000,
      ),
    ).toEqual([
      [0, 0],
      [60_000, 4],
      [120_000, 0],
    ]));
});
