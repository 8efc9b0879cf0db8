// Spans of what people do; their requests carry the trace and the request id on.
import { SpanStatusCode, context, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import * as Sentry from "@sentry/react";
import { BatchSpanProcessor, TraceIdRatioBasedSampler, WebTracerProvider } from "@opentelemetry/sdk-trace-web";

let tracer;

export const otlp = ({ otlp }, signal) => ({
  url: `${otlp.url}/v1/${signal}`,
  headers: { authorization: `Bearer ${otlp.key}` },
});
export const resourceOf = (config, service) =>
  resourceFromAttributes({
    "service.name": service,
    "service.version": config.release,
    "deployment.environment.name": config.environment,
    "user_agent.original": navigator.userAgent,
  });

export function setUpTracing(config, service, share) {
  const exporter = new OTLPTraceExporter(otlp(config, "traces"));
  tracer = new WebTracerProvider({
    resource: resourceOf(config, service),
    sampler: new TraceIdRatioBasedSampler(share),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 500 })],
  }).getTracer("tabbi-web");
}

/** Do `act({ requestId, headers })` in a span; what it throws is recorded on it. */
export async function acted(name, act, requestId = crypto.randomUUID()) {
  Sentry.setTag("request_id", requestId);
  const span = tracer.startSpan(name, { attributes: { request_id: requestId } });
  const { traceId, spanId, traceFlags } = span.spanContext();
  const traceparent = `00-${traceId}-${spanId}-0${traceFlags}`;
  try {
    const headers = { "x-request-id": requestId, traceparent };
    return await context.with(trace.setSpan(context.active(), span), () => act({ requestId, traceparent, headers }));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
    span.recordException(error);
    throw error;
  } finally {
    span.end();
  }
}
