// Redis: rate limits that hold over all instances, and what the instances say to one another.
import { Redis } from "ioredis";
import { AppError } from "./errors.mjs";
import { log } from "./log.mjs";
import { rateLimitHits, rateLimitUnchecked, redisErrors } from "./metrics.mjs";

const retryStrategy = (attempt) => Math.min(attempt * 100, 1000);

function connected(name, options) {
  const client = new Redis(process.env.REDIS_URL, { retryStrategy, connectionName: name, ...options });
  let lost = false;
  client.on("error", (error) => {
    redisErrors.add(1, { client: name });
    if (!lost) log.error({ client: name, code: error.code ?? "REDIS_ERROR", reason: error.message }, "redis.lost");
    lost = true;
  });
  client.on("close", () => {
    if (!lost && client.status !== "end") log.error({ client: name, code: "REDIS_CLOSED" }, "redis.lost");
    lost = true;
  });
  client.on("ready", () => {
    if (lost) log.info({ client: name }, "redis.back");
    lost = false;
  });
  return client;
}

/** Answers soon or fails. */
export const redis = connected("limits", { maxRetriesPerRequest: 1, commandTimeout: 1000 });
/** What is said to other instances while Redis is away waits for it. */
export const publisher = connected("publisher", { maxRetriesPerRequest: null });
export const subscriber = connected("subscriber", { maxRetriesPerRequest: null });

/** Raises RATE_LIMITED when `who` has done it `max` times within the window. While Redis is away, all may pass. */
export async function limited(limit, who, max, window_ms) {
  const key = `limit:${limit}:${who}:${Math.floor(Date.now() / window_ms)}`;
  let count;
  try {
    [[, count]] = await redis.multi().incr(key).pexpire(key, window_ms).exec();
  } catch (error) {
    rateLimitUnchecked.add(1, { limit });
    log.warn({ limit, reason: error.message }, "rate_limit.unchecked");
    return;
  }
  if (count <= max) return;
  rateLimitHits.add(1, { limit });
  throw new AppError(429, "RATE_LIMITED", `at most ${max} in ${window_ms / 1000} s`);
}

export function closeRedis() {
  for (const client of [redis, publisher, subscriber]) client.disconnect();
}
