// The API's routes: `[method, pattern, endpoint, handler]`.
import { expected } from "./alarms.mjs";
import { signIn, validateToken } from "./auth.mjs";
import * as calls from "./calls.mjs";
import { faults } from "./faults.mjs";
import { logger } from "./logger.mjs";
import * as metrics from "./metrics.mjs";
import { Refused } from "./refused.mjs";
import { carried, withSpan, work } from "./telemetry.mjs";

const REPOSITORY = /^[\w.-]{1,60}\/[\w.-]{1,60}$/;
const IDLE_SECONDS = { least: 2, most: 86_400 };

const session = (env, id) => env.SESSIONS.get(env.SESSIONS.idFromName(id));
const body = (request) => request.json().catch(() => ({}));

async function inside(env, id, path, method = "POST", given) {
  logger.setContext({ sessionId: id });
  const headers = carried({ "content-type": "application/json" });
  const answer = await session(env, id).fetch(`http://session/${path}`, { method, headers, body: given && JSON.stringify(given) });
  return new Response(answer.body, { status: answer.status, headers: { "content-type": "application/json" } });
}

async function create(request, env) {
  const wish = await body(request);
  const user_id = await validateToken(request, wish.user_id);
  if (!REPOSITORY.test(wish.repository ?? "")) throw new Refused(422, "repository: expected owner/name");
  if (!(await calls.repositoryThere(wish.repository))) throw new Refused(422, "GitHub knows no such repository");
  const idle = Math.min(Math.max(Number(wish.idle_seconds) || Number(env.AUTO_PAUSE_SECONDS), IDLE_SECONDS.least), IDLE_SECONDS.most);
  const id = `s-${crypto.randomUUID().slice(0, 13)}`;
  const made = { id, user_id, repository: wish.repository, idle_seconds: idle, request_id: work().requestId };
  await calls.mutation("sessions:create", { id, userId: user_id, repository: wish.repository, state: "starting" });
  const answer = await withSpan("Initialize Durable Object", () => inside(env, id, "start", "POST", made));
  metrics.sessionCreated();
  logger.info(`Session created: ${id}`, { repository: wish.repository });
  return Response.json({ session_id: id, ...(await answer.json()) }, { status: 201 });
}

async function mine(request, env) {
  const userId = await validateToken(request, new URL(request.url).searchParams.get("user_id"));
  const found = await calls.query("sessions:byUser", { userId });
  // A session whose repository GitHub has forgotten: the fault `react_crash`.
  if (faults.unnamed_session) found.push({ id: "s-unnamed", repository: null, state: "paused" });
  return Response.json(found);
}

async function show(_request, env, id) {
  const [answer] = await Promise.all([inside(env, id, "state", "GET"), calls.query("sessions:get", { id })]);
  return answer;
}

async function connect(request, env, id) {
  logger.setContext({ sessionId: id });
  const given = new URL(request.url).searchParams.get("request_id");
  const headers = new Headers(request.headers);
  for (const [name, value] of Object.entries(carried())) headers.set(name, value);
  let outcome = "failed";
  try {
    if (faults.socket_drops && Math.random() < 0.5) throw new Refused(503, "no socket to be had");
    const answer = await session(env, id).fetch(`http://session/ws${given ? `?request_id=${encodeURIComponent(given)}` : ""}`, { headers });
    if (answer.status !== 101) return new Response(answer.body, answer);
    outcome = "ok";
    return answer;
  } finally {
    metrics.connected(outcome);
  }
}

function config(_request, env) {
  const [web, key] = [env.OTEL_EXPORTER_OTLP_ENDPOINT, env.MIDWATCH_KEY];
  return Response.json({
    dsn: env.SENTRY_DSN,
    environment: env.ENVIRONMENT,
    release: env.MIDWATCH_RELEASE,
    otlp: { url: web, key },
    posthog: { key, host: env.MIDWATCH_URL },
    traces: Number(env.WEB_TRACES_SAMPLE_RATE || 0.1),
    replays: Number(env.WEB_REPLAYS_SAMPLE_RATE || 0.1),
  });
}

export const ROUTES = [
  ["POST", /^\/signin$/, "POST /signin", async (request) => Response.json({ token: await signIn((await body(request)).user_id) })],
  ["POST", /^\/sessions$/, "POST /sessions", create],
  ["GET", /^\/sessions$/, "GET /sessions", mine],
  ["GET", /^\/sessions\/([\w-]+)$/, "GET /sessions/:id", show],
  ["POST", /^\/sessions\/([\w-]+)\/pause$/, "POST /sessions/:id/pause", (_request, env, id) => inside(env, id, "pause")],
  ["POST", /^\/sessions\/([\w-]+)\/resume$/, "POST /sessions/:id/resume", (_request, env, id) => inside(env, id, "resume")],
  ["DELETE", /^\/sessions\/([\w-]+)$/, "DELETE /sessions/:id", (_request, env, id) => inside(env, id, "remove")],
  ["GET", /^\/sessions\/([\w-]+)\/ws$/, "WS /sessions/:id/ws", connect],
];
/** Not people's: neither measured nor logged. */
export const QUIET = {
  "/health": () => Response.json({ status: "ok", service: "api" }),
  "/config.json": config,
};
