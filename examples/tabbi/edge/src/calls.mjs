// What the edge asks of others: each call is a span and a line, and hands the work's ids on.
import { SpanKind } from "@opentelemetry/api";
import { env } from "cloudflare:workers";
import { convexCalled, githubLeft, retried } from "./metrics.mjs";
import { logger } from "./logger.mjs";
import { carried, withSpan } from "./telemetry.mjs";

const SLOW_QUERY_MS = 200;
const TIMEOUT_MS = 120_000;
const TRIES = 3;
const PAUSE_MS = 200;

/** Somebody else answered with an error, or not at all; `status` is 0 then. */
export class CallFailed extends Error {
  name = "CallFailed";

  constructor(what, status) {
    super(`cannot ${what}: ${status || "no answer"}`);
    this.status = status;
  }
}

function asked(what, url, method, body, more) {
  return withSpan(
    what,
    async (span) => {
      const headers = carried({ "content-type": "application/json" });
      const options = { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(TIMEOUT_MS) };
      const began = Date.now();
      const answer = await fetch(url, options).catch(() => undefined);
      const status = answer?.status ?? 0;
      span.setAttribute("http.response.status_code", status);
      const told = { call: what, status, duration_ms: Date.now() - began };
      if (!answer?.ok) {
        logger.warn("External call failed", told);
        await answer?.body?.cancel();
        throw new CallFailed(what, status);
      }
      logger.info("External call", told);
      return answer;
    },
    { "http.request.method": method, "url.path": new URL(url).pathname, ...more },
    SpanKind.CLIENT,
  );
}

/** Up to three tries where the other side cannot be reached; what it has tried itself is not tried again. */
async function patiently(to, act) {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await act();
      if (attempt > 1) retried(to, "recovered");
      return answer;
    } catch (error) {
      if (!(error instanceof CallFailed) || ![0, 503].includes(error.status)) throw error;
      if (attempt === TRIES) {
        retried(to, "exhausted");
        throw error;
      }
      logger.warn(`Retrying ${to} (attempt ${attempt + 1}/${TRIES})`, { to, attempt: attempt + 1 });
      await scheduler.wait(PAUSE_MS * attempt);
    }
  }
}

async function convex(kind, name, args) {
  const began = Date.now();
  let outcome = "error";
  const about = { "db.system.name": "convex", "db.operation.name": kind, "db.query.summary": name };
  try {
    const answer = await asked(`convex ${name}`, `${env.OUTSIDE_URL}/convex/api/${kind}`, "POST", { path: name, args, format: "json" }, about);
    const told = await answer.json();
    if (told.status !== "success") throw new CallFailed(`run ${name}: ${told.errorMessage}`, answer.status);
    outcome = "success";
    return told.value;
  } finally {
    const milliseconds = Date.now() - began;
    convexCalled(name, kind, outcome, milliseconds);
    if (milliseconds > SLOW_QUERY_MS) logger.warn("Slow query", { function: name, kind, duration_ms: milliseconds });
  }
}

export const query = (name, args) => convex("query", name, args);
export const mutation = (name, args) => convex("mutation", name, args);

/** Whether there is such a repository. */
export async function repositoryThere(repository) {
  const url = `${env.OUTSIDE_URL}/github/repos/${repository}`;
  return withSpan("GitHub repository", async () => {
    const answer = await fetch(url, { headers: carried({ accept: "application/vnd.github+json" }) });
    const left = Number(answer.headers.get("x-ratelimit-remaining") ?? NaN);
    if (!Number.isNaN(left)) githubLeft(left);
    await answer.body?.cancel();
    logger[answer.ok ? "info" : "warn"]("External call", { call: "GitHub repository", status: answer.status, rate_limit_remaining: left });
    // A limit that is used up says nothing of the repository: the sandbox will find out.
    return answer.status !== 404;
  }, { "http.request.method": "GET" }, SpanKind.CLIENT);
}

async function modal(method, path, body) {
  const answer = await patiently("Modal", () => asked(`Modal ${method} ${path.replace(/sb-\w+/, ":id")}`, env.MODAL_URL + path, method, body));
  return answer.status === 204 ? null : answer.json();
}

export const createSandbox = (session_id, repository) => modal("POST", "/sandboxes", { session_id, repository });
export const snapshot = (id) => modal("POST", `/sandboxes/${id}/snapshot`);
export const restore = (id) => modal("POST", `/sandboxes/${id}/restore`);
export const removeSandbox = (id) => modal("DELETE", `/sandboxes/${id}`);

const agent = (id) => `${env.OPENCODE_URL}/agents/${id}`;
export const prompt = (id, text) => asked("OpenCode prompt", `${agent(id)}/prompts`, "POST", { text });
export const events = (id, signal) => fetch(`${agent(id)}/events`, { headers: carried(), signal });
