import { expect, test } from "vitest";
import type { ContractRow, VerifyCheck, VerifyFinding } from "@/api/types";
import { contractRows, findingGroups, placeOf, progress, stateCounts } from "./verify";

const finding = (check: string, severity: VerifyFinding["severity"], id: string): VerifyFinding => ({
  id,
  check,
  kind: "k",
  severity,
  subject: id,
  expected: "",
  found: "",
  todo: "",
  since: null,
  link: "",
  snippet: "",
});
const check = (name: string, state: VerifyCheck["state"], findings = 0, error = ""): VerifyCheck => ({
  name,
  title: name.toUpperCase(),
  state,
  error,
  seconds: 0,
  findings,
  rows: 0,
});
const row = (name: string, state: ContractRow["state"], owner = ""): ContractRow => ({
  thing: "event",
  name,
  state,
  declared: true,
  count: 1,
  first_seen: null,
  last_seen: null,
  services: [],
  owner,
  link: "",
});

test("findings stand under their checks, with checks that could not look", () => {
  const report = {
    checks: [check("a", "done", 7), check("b", "done"), check("c", "failed", 0, "too much")],
    findings: [finding("a", "error", "1"), finding("a", "warning", "2")],
  };
  expect(findingGroups(report).map(({ title, total, error }) => [title, total, error])).toEqual([
    ["A", 7, ""],
    ["C", 0, "too much"],
  ]);
  expect(findingGroups(report, "warning")[0]).toMatchObject({ total: 1, findings: [{ id: "2" }] });
});

test("rows are sorted by what is wrong, and filtered by state and words", () => {
  const rows = [row("b", "coming"), row("c", "never", "billing"), row("a", "unknown"), row("d", "stopped")];
  expect(contractRows(rows, undefined, "").map((one) => one.name)).toEqual(["c", "d", "a", "b"]);
  expect(contractRows(rows, "never", "").map((one) => one.name)).toEqual(["c"]);
  expect(contractRows(rows, undefined, "EVENT bill").map((one) => one.name)).toEqual(["c"]);
  expect(stateCounts(rows)).toEqual({ never: 1, stopped: 1, unknown: 1, coming: 1 });
});

test("a run says how far it is", () => {
  const checks = [check("a", "done"), check("b", "failed"), check("c", "waiting")];
  expect(progress({ checks })).toEqual({ done: 2, all: 3, next: "C" });
});

test("a link is an address and a search", () => {
  expect(placeOf("/logs?query=event%3A%22a%22&env=prod")).toEqual({
    to: "/logs",
    search: { query: 'event:"a"', env: "prod" },
  });
  expect(placeOf("/traces/1")).toEqual({ to: "/traces/1", search: {} });
});
