// What goes wrong: its category, who it happened to, and what the caller is told.
import * as Sentry from "@sentry/node";

/** A failure with a code: AUTH_…, PAYMENT_…, PIPELINE_…; `status` is the answer's. */
export class CodedError extends Error {
  name = "CodedError";

  constructor(code, status, message) {
    super(message);
    Object.assign(this, { code, status });
  }
}

const PREFIXES = { AUTH_: "auth", PIPELINE_: "pipeline", PAYMENT_: "payment" };

export function categorizeError(error) {
  const prefix = Object.keys(PREFIXES).find((one) => String(error.code ?? "").startsWith(one));
  if (prefix) return PREFIXES[prefix];
  if (/timeout/i.test(error.message)) return "timeout";
  if (/rate limit/i.test(error.message)) return "rate_limit";
  return "unknown";
}

export function captureError(error, { userId, jobId, traceId, extra } = {}) {
  Sentry.withScope((scope) => {
    scope.setTags({ category: categorizeError(error), correlation_id: traceId });
    if (userId) scope.setUser({ id: userId });
    if (jobId) scope.setTag("jobId", jobId);
    if (extra) scope.setExtras(extra);
    Sentry.captureException(error);
  });
}

/** Express: the last of all handlers. */
export function failed(error, request, response, _next) {
  const status = error.status ?? 500;
  captureError(error, { ...request.about, traceId: request.trace.traceId });
  request.log[status < 500 ? "warn" : "error"]({ err: error, code: error.code }, "Request failed");
  response.status(status).json({ error: status < 500 ? error.message : "that did not work", code: error.code });
}
