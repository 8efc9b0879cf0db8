// What Prometheus's client measures of each request; /metrics is scraped.
import { Counter, Histogram, Registry, collectDefaultMetrics } from "prom-client";

export const registry = new Registry();
collectDefaultMetrics({ register: registry });
const labelNames = ["method", "route", "status"];
const requests = new Counter({ name: "http_requests_total", help: "Requests", labelNames, registers: [registry] });
const durations = new Histogram({
  name: "http_request_duration_seconds",
  help: "Duration of requests",
  labelNames,
  buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10],
  registers: [registry],
});

// Not of people: scrapes and probes are quick, and would make every percentile look well.
const UNMEASURED = ["/metrics", "/health"];

export function measured(request, response, next) {
  if (UNMEASURED.includes(request.path)) return next();
  const began = process.hrtime.bigint();
  response.on("finish", () => {
    const labels = { method: request.method, route: request.route?.path ?? "page", status: response.statusCode };
    requests.inc(labels);
    durations.observe(labels, Number(process.hrtime.bigint() - began) / 1e9);
  });
  return next();
}
