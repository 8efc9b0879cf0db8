// Core and business metrics with Prometheus's client; /metrics is scraped.
import { Counter, Gauge, Histogram, register } from "prom-client";
import { database } from "./stores.mjs";

const labelNames = ["method", "route", "status"];
const duration = new Histogram({
  name: "http_request_duration_seconds",
  help: "HTTP request duration in seconds",
  labelNames,
  buckets: [0.1, 0.5, 1, 2, 5, 10],
});
const requests = new Counter({ name: "http_requests_total", help: "Total HTTP requests", labelNames });
const connections = new Gauge({ name: "http_active_connections", help: "Active HTTP connections" });

export const revenue = new Counter({ name: "revenue_usd_total", help: "Total revenue in USD", labelNames: ["type"] });
export const signups = new Counter({ name: "signups_total", help: "Total user signups", labelNames: ["method"] });
new Gauge({
  name: "active_subscriptions",
  help: "Subscriptions that run",
  async collect() {
    const { rows } = await database.query("SELECT count(*)::int AS number FROM subscriptions WHERE ended_at IS NULL");
    this.set(rows[0].number);
  },
});

// A rate needs a series that was 0.
for (const type of ["purchase", "subscription"]) revenue.inc({ type }, 0);
for (const method of ["email", "google"]) signups.inc({ method }, 0);

const UNMEASURED = ["/metrics", "/health", "/ready"];

export function measured(request, response, next) {
  if (UNMEASURED.includes(request.path)) return next();
  const end = duration.startTimer();
  response.once("finish", () => {
    const labels = { method: request.method, route: request.route?.path ?? "unknown", status: response.statusCode };
    end(labels);
    requests.inc(labels);
  });
  return next();
}

export const counted = (server) => server.on("connection", (socket) => {
  connections.inc();
  socket.once("close", () => connections.dec());
});

export async function metrics(_request, response) {
  response.set("content-type", register.contentType).end(await register.metrics());
}
