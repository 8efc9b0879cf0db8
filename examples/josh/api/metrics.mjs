// The metrics adapter: what the web front counts. `env` comes with the resource.
import { metrics } from "@opentelemetry/api";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";

const reader = new PeriodicExportingMetricReader({
  exporter: new OTLPMetricExporter(),
  exportIntervalMillis: Number(process.env.OTEL_METRIC_EXPORT_INTERVAL ?? 15000),
});
const resource = resourceFromAttributes({
  "service.name": "api",
  "service.instance.id": `api-${process.pid}`,
  "deployment.environment.name": process.env.ENVIRONMENT,
});
metrics.setGlobalMeterProvider(new MeterProvider({ resource, readers: [reader] }));
const meter = metrics.getMeter("josh");

export const smsInbound = meter.createCounter("sms_inbound_total");
export const smsDuplicates = meter.createCounter("sms_inbound_duplicates_total");
export const stripeWebhooks = meter.createCounter("stripe_webhooks_total");
export const stripeFailures = meter.createCounter("stripe_webhook_failures_total");
const buckets = [10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000];
const apiLatency = meter.createHistogram("api_latency_ms", { advice: { explicitBucketBoundaries: buckets } });
// The document's latency knows no status, and its first two alerts ask for one: OpenTelemetry's own histogram has it.
const requests = meter.createHistogram("http.server.request.duration", {
  unit: "s",
  advice: { explicitBucketBoundaries: buckets.map((ms) => ms / 1000) },
});

/** Express: each request, by the pattern of its route. */
export function measured(request, response, next) {
  const began = performance.now();
  response.once("finish", () => {
    const ms = performance.now() - began;
    const route = request.route?.path ?? "unknown";
    apiLatency.record(ms, { route });
    requests.record(ms / 1000, {
      "http.route": route,
      "http.request.method": request.method,
      "http.response.status_code": response.statusCode,
    });
  });
  next();
}

export const lastMetrics = () => reader.forceFlush();
