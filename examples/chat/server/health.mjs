// Whether the database and Redis answer: at the start one line each, later GET /api/health.
import { query } from "./database.mjs";
import { log } from "./log.mjs";
import { redis } from "./redis.mjs";

const CHECK_MS_MAX = 2000;
const AGAIN_MS = 1000;
const CHECKS = { database: () => query("health", "SELECT 1"), redis: () => redis.ping() };

async function check(name) {
  const began = performance.now();
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error("no answer in time")), CHECK_MS_MAX).unref());
  let error;
  try {
    await Promise.race([CHECKS[name](), late]);
  } catch (failure) {
    error = failure.code ?? failure.message;
  }
  return { healthy: error === undefined, latency_ms: Math.round(performance.now() - began), error };
}

/** Express: 200 or 503, with each check. */
export async function health(_request, response) {
  const names = Object.keys(CHECKS);
  const found = await Promise.all(names.map(check));
  const ready = found.every((one) => one.healthy);
  const checks = Object.fromEntries(names.map((name, index) => [name, found[index]]));
  response.status(ready ? 200 : 503).json({ ok: ready, uptime_seconds: Math.round(process.uptime()), checks });
}

/** As soon as all answer; until then each failure is a line. */
export async function dependencies() {
  for (const name of Object.keys(CHECKS)) {
    let found = await check(name);
    while (!found.healthy) {
      log.error({ dependency: name, code: "DEPENDENCY_DOWN", ...found }, "start.dependency");
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      found = await check(name);
    }
    log.info({ dependency: name, ...found }, "start.dependency");
  }
}
