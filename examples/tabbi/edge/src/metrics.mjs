// What is measured; sent as deltas, since isolates come and go.
import { AggregationTemporality, MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { otlp, resource, sends, sent } from "./telemetry.mjs";

const MILLISECONDS = [5, 10, 25, 50, 100, 250, 500, 1000, 2000, 2500, 5000, 10_000, 30_000, 60_000, 120_000];
const SECONDS = [10, 30, 60, 300, 900, 1800, 3600, 7200, 14_400];

class Collected extends MetricReader {
  onForceFlush = async () => {};
  onShutdown = async () => {};
}

let made;

/** Made at the first request: before it, a Worker's clock stands still. */
function instruments() {
  if (made) return made;
  const reader = new Collected({ aggregationTemporalitySelector: () => AggregationTemporality.DELTA });
  const exporter = new OTLPMetricExporter({ ...otlp("metrics"), temporalityPreference: AggregationTemporality.DELTA });
  const meter = new MeterProvider({ resource, readers: [reader] }).getMeter("tabbi-api");
  const histogram = (name, unit, explicitBucketBoundaries) =>
    meter.createHistogram(name, { unit, advice: { explicitBucketBoundaries } });
  const counters = new Map();
  sends(async () => {
    made.connections.record(sockets.open);
    const { resourceMetrics } = await reader.collect();
    if (resourceMetrics.scopeMetrics.length) await sent(exporter, resourceMetrics);
  });
  made = {
    counter(name) {
      if (!counters.has(name)) counters.set(name, meter.createCounter(name));
      return counters.get(name);
    },
    latency: histogram("api.latency", "ms", MILLISECONDS),
    convex: histogram("convex.latency", "ms", MILLISECONDS),
    created: histogram("session.create_latency", "ms", MILLISECONDS),
    lasted: histogram("session.duration", "s", SECONDS),
    connections: meter.createGauge("api.active_connections"),
    remaining: meter.createGauge("github.rate_limit.remaining"),
  };
  return made;
}

const sockets = { open: 0 };
const count = (name, labels) => instruments().counter(name).add(1, labels);

export function answered(endpoint, status, milliseconds) {
  count("api.requests.total", { endpoint, status: String(status) });
  if (status >= 400) count("api.requests.errors", { endpoint, status: String(status) });
  instruments().latency.record(milliseconds, { endpoint });
}

export function connected(outcome) {
  count("websocket.connections", { outcome });
}

export function socketOpened(by) {
  sockets.open += by;
}

export const sessionCreated = () => count("session.created");
export const sessionRuns = (milliseconds) => instruments().created.record(milliseconds);
export const sessionEnded = (seconds) => instruments().lasted.record(seconds);
export const moved = (from, to) => count("session.state_transition", { from, to });
export const autoPaused = () => count("session.auto_paused");
export const resumed = () => count("session.resumed");
export const alarm = (what) => count(`alarms.${what}`);
export const githubLeft = (number) => instruments().remaining.record(number);
export const retried = (to, outcome) => count("retries.total", { to, outcome });

export function convexCalled(name, kind, outcome, milliseconds) {
  count("convex.calls", { function: name, kind, outcome });
  instruments().convex.record(milliseconds, { function: name, kind });
}
