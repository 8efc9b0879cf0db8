// JOSH's web front: webhooks of Twilio and Stripe, and the dashboard's API.
import * as Sentry from "@sentry/node";
import express from "express";
import { correlated } from "./correlation.mjs";
import { dashboard } from "./dashboard.mjs";
import { lastLines, log } from "./log.mjs";
import { lastMetrics, measured } from "./metrics.mjs";
import { webhooks } from "./webhooks.mjs";

const app = express();
app.get("/health", (_request, response) => response.json({ status: "ok" }));
app.use(correlated, measured, webhooks, dashboard);

const server = app.listen(Number(process.env.PORT), "127.0.0.1", () => log.info({ correlation_id: "start" }, "api.started"));

process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  Promise.allSettled([lastLines(), lastMetrics(), Sentry.close(2000)]).then(() => process.exit(0));
});
