import { describe, expect, it } from "vitest";
import type { ScrapeJob, ScrapeTarget, ScrapeTargets } from "@/api/types";
import { openRow, ownLabels, targetCounts, targetRows, upOf } from "./targets";

const job = (name: string, more: Partial<ScrapeJob> = {}): ScrapeJob => ({
  job: name,
  ...{ up: 0, down: 0, unknown: 0, dropped: 0, problems: [] },
  ...more,
});
const target = (name: string, host: string, more: Partial<ScrapeTarget> = {}): ScrapeTarget => ({
  job: name,
  url: `http://${host}/metrics`,
  health: "up",
  error: "",
  labels: { job: name, instance: host },
  discovered_labels: {},
  ...{ last_scrape: null, last_scrape_seconds: 0, samples: 0, interval_seconds: 15, timeout_seconds: 10 },
  ...more,
});
const answer: ScrapeTargets = {
  scraping: true,
  jobs: [
    job("shop", { up: 2 }),
    job("nodes", { down: 1, up: 1, dropped: 1, problems: ["file_sd_configs[0]: cannot read"] }),
  ],
  targets: [
    target("nodes", "b:1", { health: "down", error: "ConnectError" }),
    target("nodes", "a:1"),
    target("shop", "c:1", { labels: { job: "shop", instance: "c:1", env: "test" } }),
    target("shop", "d:1"),
  ],
  dropped: [{ job: "nodes", discovered_labels: { __address__: "e:1" }, reason: "relabel_configs[0], drop" }],
  total: 4,
};
const told = (...[shown, filter = ""]: [Parameters<typeof targetRows>[1]?, string?]) =>
  targetRows(answer, shown, filter).map((row) =>
    row.kind === "job"
      ? row.job.job
      : row.kind === "problem"
        ? "!"
        : row.kind === "target"
          ? row.target.labels.instance
          : row.dropped.discovered_labels.__address__,
  );

describe("targets", () => {
  it("stand below their jobs, those with trouble first", () => {
    expect(told()).toEqual(["nodes", "!", "b:1", "a:1", "shop", "c:1", "d:1"]);
  });
  it("are narrowed by health, and dropped ones are shown alone", () => {
    expect(told("down")).toEqual(["nodes", "!", "b:1"]);
    expect(told("up")).toEqual(["nodes", "a:1", "shop", "c:1", "d:1"]);
    expect(told("dropped")).toEqual(["nodes", "e:1"]);
    expect(told("unknown")).toEqual([]);
  });
  it("are found by words of their job, address, error and labels", () => {
    expect(told(undefined, "connecterror")).toEqual(["nodes", "b:1"]);
    expect(told(undefined, 'SHOP env="test"')).toEqual(["shop", "c:1"]);
    expect(told("dropped", "e:1 drop")).toEqual(["nodes", "e:1"]);
  });
  it("have ids that stay when health changes, and lead back to them", () => {
    const [id = ""] = targetRows(answer, "up", "d:1").flatMap((row) => ("id" in row ? [row.id] : []));
    const later = { ...answer, targets: [target("shop", "d:1", { health: "down" as const })] };
    expect(openRow(later, id)).toMatchObject({ id, target: { health: "down" } });
    expect(openRow({ ...later, targets: [] }, id)).toBeUndefined();
  });
  it("are counted over all jobs", () => {
    expect(targetCounts(answer.jobs)).toEqual({ up: 3, down: 1, unknown: 0, dropped: 1 });
  });
  it("have their `up` in PromQL, whatever their labels are called", () => {
    expect(upOf({ job: 'a"b', "k8s.pod": "x" })).toBe('up{job="a\\"b", "k8s.pod"="x"}');
  });
  it("leave out labels that the heading and the address say already", () => {
    expect(answer.targets.map(ownLabels)).toEqual([{}, {}, { env: "test" }, {}]);
  });
});
