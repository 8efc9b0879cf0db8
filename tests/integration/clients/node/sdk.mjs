// The official OpenTelemetry JS SDK, over HTTP/JSON: a failing span tree, a log record in it, a counter and a histogram.
import { context, metrics, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const { MIDWATCH_URL: url, MIDWATCH_KEY: key, SERVICE: service } = process.env;
const resource = resourceFromAttributes({ "service.name": service, "deployment.environment.name": "staging" });
const to = (signal) => ({ url: `${url}/v1/${signal}`, headers: { authorization: `Bearer ${key}` }, compression: "gzip" });

const tracing = new NodeTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(to("traces")))],
});
tracing.register();
const logging = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(to("logs")) })],
});
const metering = new MeterProvider({
  resource,
  readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter(to("metrics")) })],
});
metrics.setGlobalMeterProvider(metering);

const tracer = trace.getTracer("tests", "1.2.3");
const parent = tracer.startSpan("GET /sessions/:id", { kind: SpanKind.SERVER });
const inside = trace.setSpan(context.active(), parent);
const child = tracer.startSpan("query", { kind: SpanKind.CLIENT, links: [{ context: parent.spanContext() }] }, inside);
child.setAttributes({ attempt: 2, warm: false, ratio: 0.5, tags: ["a", "b"], "db.system.name": "postgresql" });
child.addEvent("retry", { after_ms: 20 });
child.recordException(new Error("no room left"));
child.setStatus({ code: SpanStatusCode.ERROR, message: "no room left" });
child.end();
logging.getLogger("tests").emit({
  severityNumber: SeverityNumber.ERROR,
  severityText: "ERROR",
  body: "session failed",
  attributes: { "session.id": "s-1", attempt: 2 },
  context: inside,
});
parent.end();
const meter = metrics.getMeter("tests");
meter.createCounter("sessions.created", { unit: "1" }).add(3, { plan: "free" });
meter.createHistogram("session.boot", { unit: "ms" }).record(120, { plan: "free" });

await Promise.all([tracing.forceFlush(), logging.forceFlush(), metering.forceFlush()]);
await Promise.all([tracing.shutdown(), logging.shutdown(), metering.shutdown()]);
console.log(parent.spanContext().traceId);
