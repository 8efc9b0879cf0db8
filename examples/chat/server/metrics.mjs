// What each instance measures; Midwatch keeps it over restarts and sums it over instances.
import { metrics } from "@opentelemetry/api";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const readers = [];
if (process.env.OTEL_EXPORTER_OTLP_ENDPOINT) {
  const exportIntervalMillis = Number(process.env.OTEL_METRIC_EXPORT_INTERVAL ?? 15_000);
  const exportTimeoutMillis = Math.min(exportIntervalMillis, 10_000);
  const exporter = new OTLPMetricExporter();
  readers.push(new PeriodicExportingMetricReader({ exporter, exportIntervalMillis, exportTimeoutMillis }));
}
const resource = resourceFromAttributes({
  "service.name": "chat",
  "service.instance.id": process.env.INSTANCE,
  "deployment.environment.name": process.env.ENVIRONMENT,
});
const provider = new MeterProvider({ resource, readers });
metrics.setGlobalMeterProvider(provider);
const meter = metrics.getMeter("chat");
const histogram = (name) => meter.createHistogram(name, { unit: "s", advice: { explicitBucketBoundaries: SECONDS } });

export const requests = histogram("http.server.request.duration");
export const queries = histogram("db.client.operation.duration");
export const rateLimitHits = meter.createCounter("rate_limit_hits_total");
export const rateLimitUnchecked = meter.createCounter("rate_limit_unchecked_total");
export const redisErrors = meter.createCounter("redis_connection_errors_total");
// Sockets, under the names that Midwatch's SDK has for them.
export const socketsActive = meter.createObservableGauge("websocket_active_connections");
export const socketConnections = meter.createCounter("websocket_connections_total");
export const socketDisconnects = meter.createCounter("websocket_disconnects_total");
export const socketReconnects = meter.createCounter("websocket_reconnects_total");
export const socketPing = histogram("websocket_ping_seconds");
export const socketAck = histogram("websocket_ack_seconds");
export const socketEvents = histogram("websocket_event_duration_seconds");
export const deliveryFailures = meter.createCounter("websocket_delivery_failures_total");

export const lastMetrics = () => provider.shutdown();
