// The dashboard's API: the page's files, and what the page asks of the backend.
import * as Sentry from "@sentry/node";
import express from "express";
import { PostHog } from "posthog-node";

import { measured, registry } from "./metrics.mjs";

const BACKEND = process.env.BACKEND_URL;
const posthog = new PostHog(process.env.POSTHOG_KEY, { host: process.env.POSTHOG_HOST, flushAt: 1 });
const app = express();
app.use(measured, express.json());

async function backend(path, body) {
  const options = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(BACKEND + path, { ...options, signal: AbortSignal.timeout(10_000) });
  if (answer.status >= 500) throw new Error(`the backend answers ${answer.status} to ${path.split("/")[1]}`);
  return answer;
}

async function handOn(response, answer) {
  response.status(answer.status).json(await answer.json());
}

app.get("/config.json", (_request, response) => {
  response.json({
    dsn: process.env.SENTRY_DSN,
    environment: process.env.ENVIRONMENT,
    posthog: { key: process.env.POSTHOG_KEY, host: process.env.POSTHOG_HOST },
  });
});
app.get("/health", (_request, response) => response.json({ status: "ok" }));
app.get("/metrics", async (_request, response) => response.type(registry.contentType).send(await registry.metrics()));
app.get("/api/clusters", async (_request, response) => handOn(response, await backend("/clusters")));
app.get("/api/jobs/:id", async (request, response) =>
  handOn(response, await backend(`/cluster-jobs/${encodeURIComponent(request.params.id)}`)),
);
app.post("/api/clusters/:id/fix", async (request, response) => {
  const answer = await backend("/cluster-jobs", { cluster_id: request.params.id });
  const job = await answer.json();
  if (answer.ok) {
    const properties = { job_id: job.job_id, cluster_id: request.params.id };
    posthog.capture({ distinctId: request.get("x-distinct-id") ?? "unknown", event: "fix requested", properties });
  }
  response.status(answer.status).json(job);
});
app.use(express.static("dist"));
Sentry.setupExpressErrorHandler(app);
app.use((_error, _request, response, _next) => {
  response.status(502).json({ error: "that did not work; it was reported" });
});

const listening = app.listen(Number(process.env.PORT), "127.0.0.1");
process.on("SIGTERM", async () => {
  listening.close();
  await Promise.all([posthog.shutdown(), Sentry.close(2000)]);
  process.exit(0);
});
