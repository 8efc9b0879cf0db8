import { describe, expect, it } from "vitest";
import type { RoutePerson, RouteShown, RouteTold } from "@/api/types";
import { calls, foldable, labelsText, narrowed, parseLabels, routeRows, wayOf } from "./routing";

function route(id: string, more: Partial<RouteShown> = {}): RouteShown {
  const times = { group_wait_seconds: 30, group_interval_seconds: 300, repeat_interval_seconds: 14400 };
  const lists = { group_by: [], mute_times: [], active_times: [], muted_by: [], routes: [] };
  return { id, matchers: id, receiver: `to ${id}`, goes_on: false, alerts: 0, ...times, ...lists, ...more };
}

const tree = route("root", {
  routes: [route("a", { routes: [route("a1"), route("a2", { receiver: "night shift" })] }), route("b")],
});

describe("labels as they are typed", () => {
  it.each([
    ["severity=critical team=shop", { severity: "critical", team: "shop" }],
    ['{severity="critical", team="web shop"}', { severity: "critical", team: "web shop" }],
    ['"disk.name"=sda quoted="say \\"hi\\""', { "disk.name": "sda", quoted: 'say "hi"' }],
    ["url=http://a.b/c?d=e", { url: "http://a.b/c?d=e" }],
    ["service.name=api empty=", { "service.name": "api", empty: "" }],
    ["  ", {}],
  ])("%s", (text, labels) => expect(parseLabels(text)).toEqual({ labels }));
  it.each([
    ["severity", /^severity: expected name=value/],
    ["team=shop =x", /^=x: expected name=value/],
    ['severity=~"a|b"', /no patterns; write severity=value/],
    ['team="shop', /expected name=value/],
  ])("%s is wrong", (text, error) => expect(parseLabels(text)).toMatchObject({ error: expect.stringMatching(error) }));
  it("are written as they are read", () => {
    const labels = { team: "web shop", alertname: "Down", "disk.name": 'a "b"', note: "" };
    expect(labelsText(labels).startsWith("alertname=Down ")).toBe(true);
    expect(parseLabels(labelsText(labels))).toEqual({ labels });
  });
});

describe("a tree", () => {
  it("is in the order of asking, without what is below closed routes", () => {
    expect(routeRows(tree, new Set()).map((row) => row.route.id)).toEqual(["root", "a", "a1", "a2", "b"]);
    const rows = routeRows(tree, new Set(["a"]));
    expect(rows.map(({ route: { id }, depth, below, closed }) => [id, depth, below, closed])).toEqual([
      ["root", 0, 4, false],
      ["a", 1, 2, true],
      ["b", 1, 0, false],
    ]);
    expect(foldable(tree)).toEqual(["a"]);
  });
  it("is narrowed to what holds every word, and what leads there", () => {
    const found = narrowed(tree, "night SHIFT");
    expect(found && routeRows(found, new Set()).map((row) => row.route.id)).toEqual(["root", "a", "a2"]);
    expect(narrowed(tree, "nothing such")).toBeNull();
  });
  it("says of each route what it does with an alert", () => {
    const asked = { route_id: "a", depth: 1, matchers: "", receiver: "", failed: null, ends: false };
    expect(wayOf(undefined)).toBe("unasked");
    expect(wayOf({ ...asked, taken: true, chosen: true })).toBe("told");
    expect(wayOf({ ...asked, taken: true, chosen: false })).toBe("leads");
    expect(wayOf({ ...asked, taken: false, chosen: false })).toBe("refuses");
  });
});

it("says who is called when, and where nobody is", () => {
  const one = (after_seconds: number, more: Partial<RoutePerson>): RoutePerson => ({
    ...{ policy: "page", after_seconds, schedule: "", person: "", name: "", receiver: "", ...more },
  });
  const on_call = [
    one(0, { schedule: "primary", person: "bo", name: "Bo Lind", receiver: "phones" }),
    one(600, { schedule: "evenings" }),
    one(600, { receiver: "everybody" }),
  ];
  const told: RouteTold = {
    ...{ receiver: "on-call", route_id: "", group_key: "", integrations: [], group_wait_seconds: 0, muted_by: [] },
    ...{ on_call, digests: [] },
  };
  expect(calls(told)).toEqual([
    { after: "at once", told: ["Bo Lind (on duty in primary) by phones"] },
    { after: "after 10 min", told: ["nobody is on duty in evenings", "receiver everybody"] },
  ]);
});
