import { describe, expect, it } from "vitest";
import { buildQuery, figuresOf, metricsOf, unitOf } from "./suggest";

const NAMES = ["http_seconds_bucket", "http_seconds_count", "http_seconds_sum", "jobs_total", "up", "load"];

describe("metrics", () => {
  it("are what people think of: a histogram is one", () => {
    const found = metricsOf(NAMES, {
      http_seconds: [{ type: "histogram", help: "How long", unit: "s" }],
      load: [{ type: "gauge", help: "", unit: "" }],
    });
    expect(found.map(({ name, kind }) => [name, kind])).toEqual([
      ["http_seconds", "histogram"],
      ["jobs_total", "counter"],
      ["load", "gauge"],
      ["up", "unknown"],
    ]);
    expect(found[0]?.help).toBe("How long");
  });
  it.each([
    ["http_seconds", "p95", [], "histogram_quantile(0.95, sum by (le) (rate(http_seconds_bucket[$__rate_interval])))"],
    [
      "http_seconds",
      "average",
      ["route"],
      "sum by (route) (rate(http_seconds_sum[$__rate_interval])) / sum by (route) (rate(http_seconds_count[$__rate_interval]))",
    ],
    ["jobs_total", "rate", ["status"], "sum by (status) (rate(jobs_total[$__rate_interval]))"],
    ["jobs_total", "increase", [], "sum(increase(jobs_total[$__range]))"],
    ["up", "value", [], "up"],
    ["up", "average", ["job"], "avg by (job) (up)"],
  ] as const)("%s as %s by %o", (name, figure, by, expected) => {
    const [metric] = metricsOf(NAMES, {}).filter((one) => one.name === name);
    expect(metric && buildQuery({ metric, figure, matchers: [], by })).toBe(expected);
  });
  it("quotes names that need it, and keeps matchers", () => {
    const metric = { name: "http.requests", kind: "counter" as const, help: "", unit: "" };
    expect(buildQuery({ metric, figure: "rate", matchers: ['env="prod"'], by: [] })).toBe(
      'sum(rate({"http.requests", env="prod"}[$__rate_interval]))',
    );
  });
  it("offers first what is asked most", () => {
    expect(figuresOf("counter")[0]).toBe("rate");
    expect(figuresOf("native histogram")[0]).toBe("p95");
    expect(figuresOf("gauge")[0]).toBe("value");
  });
  it.each([
    ["histogram_quantile(0.95, sum by (le) (rate(a_seconds_bucket[5m])))", "seconds"],
    ["process_resident_memory_bytes", "bytes"],
    ["rate(a_total[5m])", "per second"],
    ["rate(a_seconds_sum[5m]) / rate(a_seconds_count[5m])", "seconds"],
    ["rate(a_total[5m]) / rate(b_total[5m])", "none"],
    ["up", "none"],
  ])("reads the unit of %s", (query, unit) => {
    expect(unitOf(query)).toBe(unit);
  });
});
