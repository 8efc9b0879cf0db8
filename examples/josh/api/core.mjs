// The service behind: it owns the tables, and is asked with the ids of the work at hand.
import { correlationId } from "./correlation.mjs";

const TIMEOUT_MS = 8000;
const CLOSED = new Set(["UND_ERR_SOCKET", "ECONNRESET"]);

export class CoreFailed extends Error {
  name = "CoreFailed";

  constructor(path, status) {
    super(`core answers ${status} at ${path}`);
    this.status = status;
  }
}

/** Its answer; throws CoreFailed from 500 on and for what it refuses, with the status. */
export async function core(path, body = {}) {
  const answer = await asked(process.env.CORE_URL + path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-correlation-id": correlationId() },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) throw new CoreFailed(path, answer.status);
  return answer.json();
}

/** Asked again, once, where the service closes its connection, as after a failure: messages and payments have ids by which it does them once. */
async function asked(url, options) {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (!CLOSED.has(error.cause?.code)) throw error;
    return fetch(url, options);
  }
}
