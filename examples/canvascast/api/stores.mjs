// What the API stands on: PostgreSQL, Redis, and the storage that finished videos lie in.
import { Redis } from "ioredis";
import pg from "pg";

const TIMEOUT_MS = 10_000;
export const WAITING = "videos:waiting";

export const database = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  connectionTimeoutMillis: 2000,
  query_timeout: 5000,
});
export const redis = new Redis(process.env.REDIS_URL, {
  maxRetriesPerRequest: 0,
  connectTimeout: 2000,
  commandTimeout: 2000,
  retryStrategy: (times) => Math.min(times * 200, 2000),
});
// Whoever asks of them gets the failure; without a listener it would end the process.
for (const store of [database, redis]) store.on("error", () => undefined);

const outside = (path, options) =>
  fetch(process.env.OUTSIDE_URL + path, { signal: AbortSignal.timeout(TIMEOUT_MS), ...options });

async function head(path) {
  const answer = await outside(`/storage/${path}`, { method: "HEAD" });
  if (answer.status >= 500) throw new Error(`storage answers ${answer.status}`);
  return answer.ok;
}

export const storage = () => head("videos");
export const stored = (key) => head(`videos/${key}`);

export async function charge(body) {
  const options = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return outside("/checkout/v1/charges", options);
}
