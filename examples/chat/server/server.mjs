// The chat's server: the page, /api, and sockets. Several of it share PostgreSQL and Redis.
import * as Sentry from "@sentry/node";
import express from "express";
import { createServer } from "node:http";
import { api } from "./api.mjs";
import { write } from "./chat.mjs";
import { correlated } from "./correlation.mjs";
import { closeDatabase } from "./database.mjs";
import { errorHandler, missing } from "./errors.mjs";
import { dependencies, health } from "./health.mjs";
import { failure, lastLines, log } from "./log.mjs";
import { lastMetrics } from "./metrics.mjs";
import { closeRedis } from "./redis.mjs";
import { told } from "./requests.mjs";
import { Sockets } from "./sockets.mjs";

process.on("unhandledRejection", (error) => {
  log.error({ code: "UNHANDLED_REJECTION", ...failure(error) }, "process.failed");
  Sentry.captureException(error);
});

log.info({ node: process.version, port: Number(process.env.PORT) }, "start.began");
await dependencies();
const app = express();
const server = createServer(app);
const sockets = new Sockets(server, async (userId, room, text) => {
  const message = await write(userId, room, text);
  sockets.deliver(room, message);
  return message.id;
});
app.get("/api/health", health);
app.get("/config.json", (_request, response) => {
  response.json({ dsn: process.env.SENTRY_DSN, environment: process.env.ENVIRONMENT });
});
app.use(express.static("../web/dist"));
app.use(correlated, told, api(sockets), (_request, _response, next) => next(missing("page")), errorHandler);
server.listen(Number(process.env.PORT), "127.0.0.1", () => log.info("start.ready"));

/** What is under way ends, then all that was told goes out. */
process.once("SIGTERM", async () => {
  log.info("stop.began");
  await sockets.close();
  await closeDatabase();
  closeRedis();
  log.info({ uptime_seconds: Math.round(process.uptime()) }, "stop.done");
  await Promise.allSettled([lastLines(), lastMetrics(), Sentry.close(2000)]);
  process.exit(0);
});
