// CanvasCast's API.
import * as Sentry from "@sentry/node";
import express from "express";
import { failed } from "./errors.mjs";
import { health, ready } from "./health.mjs";
import { createLogger, lastLines } from "./logger.mjs";
import { counted, measured, metrics } from "./metrics.mjs";
import { routes } from "./routes.mjs";
import { tracing } from "./tracing.mjs";

const log = createLogger({});
const app = express();
app.get("/health", health);
app.get("/ready", ready);
app.get("/metrics", metrics);
app.use(tracing, measured, express.json(), routes, failed);

const server = app.listen(Number(process.env.PORT), "127.0.0.1", () => {
  log.info("API started");
  log.debug({ port: process.env.PORT }, "Listening");
});
counted(server);

process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  Promise.allSettled([lastLines(), Sentry.close(2000)]).then(() => process.exit(0));
});
