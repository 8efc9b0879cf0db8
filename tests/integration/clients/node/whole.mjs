// A service with the official OpenTelemetry JS SDK, over HTTP/JSON, and everything that it can say. Prints the ids it sent.
import { context, metrics, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { logs, SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { AggregationType, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const { MIDWATCH_URL: url, MIDWATCH_KEY: key, SERVICE: service, SECONDS: seconds, COMPRESSION: compression } = process.env;
const at = (nanos) => [Number(seconds), nanos];
const door = (path) => ({ url: `${url}/v1/${path}`, headers: { authorization: `Bearer ${key}` }, compression });
const resource = resourceFromAttributes({
  "service.name": service,
  "deployment.environment.name": "staging",
  "process.pid": 4711,
  "host.tags": ["eu", "spot"],
});
const attributes = {
  text: "größe 🦉",
  empty: "",
  count: 42,
  ratio: 0.25,
  negative: -7,
  yes: true,
  no: false,
  words: ["a", "b"],
  numbers: [1, 2.5],
  flags: [true, false],
};

const tracing = new NodeTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(door("traces")))],
});
const logging = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(door("logs")) })],
});
const reader = new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(door("metrics")) });
const metering = new MeterProvider({
  resource,
  readers: [reader],
  views: [{ instrumentName: "job.size", aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } }],
});
tracing.register();
logs.setGlobalLoggerProvider(logging);
metrics.setGlobalMeterProvider(metering);

const tracer = trace.getTracer("shop", "1.2.3");
const earlier = tracer.startSpan("earlier", { startTime: at(0) });
earlier.end(at(1));
const parent = tracer.startSpan("POST /orders", {
  kind: SpanKind.SERVER,
  startTime: at(123456789),
  attributes,
  links: [{ context: earlier.spanContext(), attributes: { reason: "retry", attempt: 2 } }],
});
const inside = trace.setSpan(context.active(), parent);
const child = tracer.startSpan("charge card", { kind: SpanKind.CLIENT, startTime: at(200000001) }, inside);
child.addEvent("asked", { bank: "B", try: 1, cold: true }, at(210000000));
child.recordException(new TypeError("card expired"), at(220000000));
child.setStatus({ code: SpanStatusCode.ERROR, message: "card expired" });
child.end(at(300000002));
context.with(trace.setSpan(inside, child), () =>
  logs.getLogger("payments").emit({
    severityNumber: SeverityNumber.ERROR,
    severityText: "ERROR",
    eventName: "card.refused",
    body: "card expired",
    timestamp: at(250000003),
    attributes: { ...attributes, bytes: new Uint8Array([0, 255]), map: { city: "Bern", zip: 3000 } },
  }),
);
logs.getLogger("payments").emit({ severityNumber: SeverityNumber.DEBUG, body: { order: 7, paid: false }, timestamp: at(9) });
parent.end(at(987654321));

const meter = metrics.getMeter("shop");
meter.createCounter("orders", { unit: "{order}", description: "Orders taken" }).add(3, attributes);
meter.createUpDownCounter("carts.open").add(-2, { shop: "a" });
meter.createGauge("queue.depth").record(0.5, { queue: "mail" });
const duration = meter.createHistogram("job.duration", { unit: "s", advice: { explicitBucketBoundaries: [0.1, 1] } });
for (const value of [0.05, 0.5, 5]) duration.record(value);
const size = meter.createHistogram("job.size");
for (const value of [1, 2, 4]) size.record(value);

await Promise.all([tracing.shutdown(), logging.shutdown(), metering.shutdown()]);
const ids = (span) => ({ traceId: span.spanContext().traceId, spanId: span.spanContext().spanId });
console.log(JSON.stringify({ parent: ids(parent), child: ids(child), earlier: ids(earlier) }));
