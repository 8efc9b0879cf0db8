// PostgreSQL: each query has a name, is measured, and is told of where it fails or is slow.
import pg from "pg";
import { failure, log } from "./log.mjs";
import { queries } from "./metrics.mjs";

const SLOW_MS = 500;
const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 10,
  connectionTimeoutMillis: 5000,
  query_timeout: 10_000,
});
pool.on("error", (error) =>
  log.error({ code: error.code ?? "CONNECTION_LOST", ...failure(error) }, "database.connection.lost"),
);

/** The rows. Failures are logged with the query's name and PostgreSQL's code, and raised. */
export async function query(name, text, values = []) {
  const began = performance.now();
  const measured = { "db.system.name": "postgresql", "db.query.summary": name };
  try {
    return (await pool.query(text, values)).rows;
  } catch (error) {
    const code = error.code ?? "CONNECTION_FAILED";
    measured["error.type"] = code;
    log.error({ query: name, code, reason: error.message }, "database.query.failed");
    throw error;
  } finally {
    const ms = performance.now() - began;
    queries.record(ms / 1000, measured);
    if (ms > SLOW_MS) log.warn({ query: name, statement: text, duration_ms: Math.round(ms) }, "database.query.slow");
  }
}

export const closeDatabase = () => pool.end();
