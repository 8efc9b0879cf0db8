/** Spans, logs, metrics and a request of one's own with Sentry's SDK for Node.js; DSN and SERVICE from the environment. */
import * as Sentry from "@sentry/node";
import { createServer, get } from "node:http";

Sentry.init({
  dsn: process.env.DSN,
  environment: "staging",
  release: "worker@3",
  tracesSampleRate: 1,
  enableLogs: true,
});
Sentry.setTag("service", process.env.SERVICE);
Sentry.getGlobalScope().setAttributes?.({ service: process.env.SERVICE });

const server = createServer((request, response) => {
  Sentry.logger.warn("stock is low", { left: 2 });
  Sentry.metrics?.count("orders", 2, { attributes: { kind: "book" } });
  response.end("ordered");
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
await Sentry.startSpan({ name: "order books", op: "task" }, async () => {
  await new Promise((done, failed) => {
    get(`http://127.0.0.1:${server.address().port}/orders/42`, (answer) => answer.resume().on("end", done)).on(
      "error",
      failed,
    );
  });
});
server.close();
await Sentry.close(5000);
