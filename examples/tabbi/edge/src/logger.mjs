// One line of JSON an event, on the console; errors are issues, and the lines before them their breadcrumbs.
//
// The document's logger keeps its context in a field of the only logger there is: two requests that a Worker serves at
// once would write one another's ids. Here it is the work's own.
import * as Sentry from "@sentry/cloudflare";
import { env } from "cloudflare:workers";
import { ids, work } from "./telemetry.mjs";

const BREADCRUMB = { warn: "warning", info: "info", debug: "debug" };

function write(level, message, error, metadata) {
  const { requestId, sessionId, userId } = work();
  const entry = {
    timestamp: new Date().toISOString(),
    level,
    message,
    service: "api",
    env: env.ENVIRONMENT,
    sessionId,
    userId,
    requestId,
    ...ids(),
    error: error && { name: error.name, message: error.message, stack: error.stack },
    metadata,
  };
  console.log(JSON.stringify(entry));
}

export const logger = {
  /** From here on, on every line, span and error of the work at hand. */
  setContext(fields) {
    Object.assign(work(), fields);
    const { requestId, sessionId, userId } = work();
    const scope = Sentry.getIsolationScope();
    scope.setTags({ request_id: requestId, session_id: sessionId });
    if (userId) scope.setUser({ id: userId });
    const { trace_id, span_id } = ids();
    if (trace_id) scope.setContext("trace", { trace_id, span_id });
  },

  error(message, error, metadata) {
    write("error", message, error, metadata);
    if (error) Sentry.captureException(error, { extra: { message, ...metadata } });
  },

  warn: (message, metadata) => noted("warn", message, metadata),
  info: (message, metadata) => noted("info", message, metadata),

  debug(message, metadata) {
    if (env.ENVIRONMENT !== "production") noted("debug", message, metadata);
  },
};

function noted(level, message, data) {
  write(level, message, undefined, data);
  Sentry.addBreadcrumb({ message, level: BREADCRUMB[level], category: "log", data });
}
