// /health says that the process lives, /ready whether it can do its work.
import * as Sentry from "@sentry/node";
import { database, redis, storage } from "./stores.mjs";

const CHECKS = {
  database: () => database.query("SELECT id FROM profiles LIMIT 1"),
  redis: () => redis.ping(),
  storage,
};
const CHECK_MS_MAX = 3000;

async function checked(name) {
  const began = performance.now();
  const tooLong = new Promise((_resolve, reject) => setTimeout(reject, CHECK_MS_MAX).unref());
  const healthy = await Promise.race([Sentry.suppressTracing(CHECKS[name]), tooLong]).then(
    () => true,
    () => false,
  );
  return [name, { healthy, latency: Math.round(performance.now() - began) }];
}

export function health(_request, response) {
  response.json({ status: "ok", timestamp: new Date().toISOString() });
}

export async function ready(_request, response) {
  const checks = Object.fromEntries(await Promise.all(Object.keys(CHECKS).map(checked)));
  const healthy = Object.values(checks).every((one) => one.healthy);
  response.status(healthy ? 200 : 503).json({ ready: healthy, checks });
}
