// x-trace-id: a UUID, taken over from the caller or made here, on lines, spans, errors and jobs, and in the answer.
import * as Sentry from "@sentry/node";
import { randomBytes, randomUUID } from "node:crypto";
import { createLogger } from "./logger.mjs";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const dashed = (hex) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");

/** The trace and the caller's span. */
function came(request) {
  const [, trace, span] = (request.get("traceparent") ?? "").split("-");
  const given = request.get("x-trace-id");
  const traceId = UUID.test(given ?? "") ? given : trace ? dashed(trace) : randomUUID();
  const hex = traceId.replaceAll("-", "").toLowerCase();
  return { traceId, parent: hex === trace ? span : randomBytes(8).toString("hex"), hex };
}

export function tracing(request, response, next) {
  const { traceId, parent, hex } = came(request);
  const name = `${request.method} ${request.path}`;
  Sentry.withIsolationScope(() =>
    Sentry.continueTrace({ sentryTrace: `${hex}-${parent}-1`, baggage: undefined }, () =>
      Sentry.startSpanManual({ name, op: "http.server" }, (span) => {
        const began = performance.now();
        const { spanId } = span.spanContext();
        request.trace = { traceId, spanId };
        request.log = createLogger(request.trace);
        response.set("x-trace-id", traceId);
        request.log.info({ method: request.method, path: request.path }, "Request started");
        response.once("finish", () => {
          const duration = Math.round(performance.now() - began);
          request.log.info({ status: response.statusCode, duration }, "Request completed");
          if (request.route) span.updateName(`${request.method} ${request.route.path}`);
          Sentry.setHttpStatus(span, response.statusCode);
          span.end();
        });
        next();
      }),
    ),
  );
}

/** What a job takes along, so that it goes on with the request's trace. */
export const carried = ({ traceId, spanId }) => ({
  traceparent: `00-${traceId.replaceAll("-", "").toLowerCase()}-${spanId}-01`,
  "x-correlation-id": traceId,
});
