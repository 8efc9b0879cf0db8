// The edge: a Worker before everything, and what each request leaves behind.
import { SpanKind } from "@opentelemetry/api";
import * as Sentry from "@sentry/cloudflare";
import { wakeOverdue } from "./alarms.mjs";
import * as calls from "./calls.mjs";
import { CallFailed } from "./calls.mjs";
import { misbehave, stumble } from "./faults.mjs";
import { logger } from "./logger.mjs";
import { answered } from "./metrics.mjs";
import { Refused } from "./refused.mjs";
import { QUIET, ROUTES } from "./routes.mjs";
import { sentryOptions } from "./sentry.mjs";
import { received, sendLater, sendNow } from "./telemetry.mjs";

export { Alarms } from "./alarms.mjs";
export { Session } from "./session.mjs";

const REQUEST_ID = /^[\w.:-]{1,128}$/;

function found(request, pathname) {
  for (const [method, pattern, endpoint, handler] of ROUTES) {
    const match = request.method === method && pattern.exec(pathname);
    if (match) return { endpoint, handle: (env) => handler(request, env, match[1]) };
  }
  return undefined;
}

async function served(request, env, ctx) {
  const { pathname, searchParams } = new URL(request.url);
  if (QUIET[pathname]) return QUIET[pathname](request, env);
  if (pathname === "/faults" && env.FAULTS === "on") return Response.json(misbehave(await request.json()));
  const route = found(request, pathname);
  if (!route) return env.PAGE.fetch(request);
  const given = request.headers.get("x-request-id") ?? searchParams.get("request_id") ?? "";
  const headers = new Headers(request.headers);
  headers.set("x-request-id", REQUEST_ID.test(given) ? given : crypto.randomUUID());
  try {
    return await received(route.endpoint, headers, SpanKind.SERVER, (span) => measured(route, env, span, headers.get("x-request-id")));
  } finally {
    sendLater(ctx);
  }
}

async function measured({ endpoint, handle }, env, span, requestId) {
  const began = Date.now();
  logger.setContext({ requestId });
  let status = 500;
  try {
    await stumble();
    const answer = await handle(env).catch(refusal);
    status = answer.status;
    if (status === 101) return answer;
    answer.headers.set("x-request-id", requestId);
    return answer;
  } finally {
    const [method, route] = endpoint.split(" ");
    span.setAttributes({ "http.request.method": method, "http.route": route, "http.response.status_code": status });
    answered(endpoint, status, Date.now() - began);
    logger.info("Request completed", { endpoint, status, duration_ms: Date.now() - began });
  }
}

/** What the caller is told of; anything else is our own mistake, and nobody here catches it. */
function refusal(error) {
  if (error instanceof Refused) return Response.json({ error: error.message }, { status: error.status });
  if (!(error instanceof CallFailed)) throw error;
  logger.error("Request failed", error);
  return Response.json({ error: "that did not work; it was reported" }, { status: 503 });
}

export default Sentry.withSentry(sentryOptions, {
  fetch: served,

  /** Looks for alarms that did not ring, and whether the database answers. */
  async scheduled(_controller, env) {
    await received("cron", new Headers(), SpanKind.INTERNAL, async () => {
      await wakeOverdue(env);
      await calls.query("sessions:count", {});
    }).finally(sendNow);
  },
});
