import { expect, it } from "vitest";
import type { AlertGroupList, AlertShown, ServiceList, ServiceSummary, SystemStatus } from "@/api/types";
import { judge } from "./verdict";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const red = { requests: 100, errors: 0, rate: 1, error_ratio: 0, p50_ms: 1, p95_ms: 2, p99_ms: 3 };

function list(...parts: Partial<ServiceSummary>[]): ServiceList {
  const services = parts.map((part, at) => ({
    ...red,
    name: `s${at}`,
    environments: [],
    sparkline: [],
    error_sparkline: [],
    log_errors: 0,
    last_seen: "",
    previous: red,
    ...part,
  }));
  return { services, total: services.length, stats: { elapsed_ms: 1 } };
}

const status = {
  checks: [],
  dead_letters: 0,
  signals: [{ newest: "2026-11-20T11:59:58Z" }],
  wal: { oldest_waiting_seconds: 0 },
} as unknown as SystemStatus;

it("services without errors are well", () => expect(judge(list({}), status, NOW).tone).toBe("good"));
it("no requests is neither well nor unwell", () =>
  expect(judge(list({ requests: 0, previous: { ...red, requests: 0 } }), status, NOW).tone).toBe("idle"));
it("the worst comes first and gives the tone", () => {
  const verdict = judge(list({ error_ratio: 0.02 }, { error_ratio: 0.3 }), status, NOW);
  expect(verdict.tone).toBe("bad");
  expect(verdict.concerns[0]?.text).toContain("s1 fails 30 %");
});
it("a service that fell silent is named", () =>
  expect(judge(list({ requests: 0 }), status, NOW).concerns[0]?.text).toContain("none now"));
it("a failing part of Midwatch is bad, silence and dead letters are warnings", () => {
  const broken = { ...status, checks: [{ name: "store", healthy: false, latency_ms: 1, message: "no answer" }] };
  expect(judge(list({}), broken as SystemStatus, NOW).tone).toBe("bad");
  const quiet = { ...status, signals: [{ newest: "2026-11-20T11:30:00Z" }], dead_letters: 2 };
  expect(judge(list({}), quiet as SystemStatus, NOW).concerns).toHaveLength(2);
});

it("with the store away Midwatch's own trouble is told before any service is known", () => {
  const checks = [{ name: "store", healthy: false, latency_ms: 2000, message: "no answer within 2 s" }];
  const verdict = judge(undefined, undefined, NOW, checks);
  expect(verdict.tone).toBe("bad");
  expect(verdict.concerns[0]?.text).toBe("Midwatch's store: no answer within 2 s");
});

it("what fails most comes first, whatever the order it was listed in", () => {
  const verdict = judge(list({ name: "some", error_ratio: 0.06 }, { name: "most", error_ratio: 0.4 }), status, NOW);
  expect(verdict.concerns.map((one) => one.text.split(" ")[0])).toEqual(["most", "some"]);
});

function firing(open: number, part: Partial<AlertShown> = {}): AlertGroupList {
  const alert = { labels: {}, annotations: {}, ...part };
  const groups = Array.from({ length: Math.min(open, 4) }, (_, at) => ({
    alerts: [{ ...alert, name: `A${at}`, fingerprint: `${at}` }],
  }));
  return { groups, counts: { open } } as unknown as AlertGroupList;
}

it("what fires comes before what services do, with its summary and its severity", () => {
  const alerts = firing(1, { labels: { severity: "critical" }, annotations: { summary: "is down" } });
  const verdict = judge(list({ error_ratio: 0.3 }), status, NOW, [], alerts);
  expect(verdict.concerns.map((one) => one.text.split(",")[0])).toEqual([
    "A0: is down",
    "s0 fails 30 % of its requests",
  ]);
  expect(verdict.tone).toBe("bad");
});
it("where nothing is open all is well, and of many alerts the number is told", () => {
  expect(judge(list({}), status, NOW, [], firing(0)).tone).toBe("good");
  expect(judge(list({}), status, NOW, [], firing(12)).concerns.map((one) => one.text)).toEqual([
    ...["A0", "A1", "A2", "A3", "8 more alerts"],
  ]);
});
