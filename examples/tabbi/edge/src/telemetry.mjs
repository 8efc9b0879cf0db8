// OpenTelemetry in a Worker: spans and metrics are gathered, and sent by OTLP behind the answers.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, context, createContextKey, propagation, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { env } from "cloudflare:workers";
import { AsyncLocalStorage } from "node:async_hooks";

const SEND_AFTER_MS = 500;
const LOST_AFTER_MS = 5000;
const SPANS_MAX = 5000;
const WORK = createContextKey("the work's context");

export const resource = resourceFromAttributes({
  "service.name": "api",
  "service.version": env.MIDWATCH_RELEASE,
  "deployment.environment.name": env.ENVIRONMENT,
});
export const otlp = (signal) => ({
  url: `${env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/${signal}`,
  headers: { authorization: `Bearer ${env.MIDWATCH_KEY}` },
});

/** OpenTelemetry's own is for Node alone. */
class Held extends AsyncLocalStorage {
  active = () => this.getStore() ?? ROOT_CONTEXT;
  with = (held, act, self, ...given) => this.run(held, () => act.call(self, ...given));
  bind = (held, act) => (...given) => this.with(held, act, undefined, ...given);
  enable = () => this;
  disable = () => this;
}

const ended = [];
const gathering = {
  onStart() {},
  onEnd: (span) => void (ended.length < SPANS_MAX && ended.push(span)),
  forceFlush: async () => {},
  shutdown: async () => {},
};
const exporter = new OTLPTraceExporter(otlp("traces"));
const tracer = new BasicTracerProvider({ resource, spanProcessors: [gathering] }).getTracer("tabbi-api");
context.setGlobalContextManager(new Held());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());

/** What belongs to the work at hand: `requestId`, `sessionId`, `userId`; empty outside of any. */
export const work = () => context.active().getValue(WORK) ?? {};

/** Do `act` as a piece of work that came with these headers, in a span of its own. */
export function received(name, headers, kind, act) {
  // Whoever sampled where the trace began: what happens here is always recorded.
  const parent = propagation.extract(context.active(), { traceparent: sampled(headers.get("traceparent")) });
  const requestId = headers.get("x-request-id") || undefined;
  return context.with(parent.setValue(WORK, { requestId }), () => withSpan(name, act, {}, kind));
}

const sampled = (traceparent) => traceparent?.replace(/-00$/, "-01");

/** What hands the work on to others. */
export function carried(headers = {}) {
  propagation.inject(context.active(), headers);
  if (work().requestId) headers["x-request-id"] = work().requestId;
  return headers;
}

export function withSpan(name, act, attributes = {}, kind = SpanKind.INTERNAL) {
  return tracer.startActiveSpan(name, { kind, attributes }, async (span) => {
    try {
      return await act(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });
      span.recordException(error);
      throw error;
    } finally {
      const { requestId, sessionId, userId } = work();
      if (requestId) span.setAttribute("request_id", requestId);
      if (sessionId) span.setAttribute("session.id", sessionId);
      if (userId) span.setAttribute("user.id", userId);
      span.end();
    }
  });
}

export const ids = () => {
  const { traceId, spanId } = trace.getActiveSpan()?.spanContext() ?? {};
  return { trace_id: traceId, span_id: spanId };
};

const senders = [() => ended.length && sent(exporter, ended.splice(0))];
export const sends = (send) => senders.push(send);
export const sent = (to, what) => new Promise((done) => to.export(what, done));

let waitingSince = 0;

/** Once, soon, behind the answers: a Worker has no timers of its own between requests. */
export function sendLater(ctx) {
  if (Date.now() - waitingSince < LOST_AFTER_MS) return;
  waitingSince = Date.now();
  ctx.waitUntil(scheduler.wait(SEND_AFTER_MS).then(sendNow));
}

export async function sendNow() {
  waitingSince = 0;
  await Promise.all(senders.map((send) => send()));
}
