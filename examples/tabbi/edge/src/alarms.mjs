// Which sessions wait for an alarm: who was not woken in time is found by the cron, and woken then.
import { DurableObject } from "cloudflare:workers";
import { alarm } from "./metrics.mjs";
import { logger } from "./logger.mjs";

const GRACE_MS = 5000;

export class Alarms extends DurableObject {
  async expect(sessionId, due) {
    await this.ctx.storage.put(sessionId, due);
  }

  async forget(sessionId) {
    await this.ctx.storage.delete(sessionId);
  }

  /** Ids of sessions whose alarm is overdue; each is told once. */
  async overdue() {
    const late = [];
    for (const [sessionId, due] of await this.ctx.storage.list()) if (Date.now() > due + GRACE_MS) late.push(sessionId);
    await this.ctx.storage.delete(late.slice(0, 128));
    return late.slice(0, 128);
  }
}

export const expected = (env) => env.ALARMS.get(env.ALARMS.idFromName("all"));

export async function wakeOverdue(env) {
  for (const sessionId of await expected(env).overdue()) {
    alarm("missed");
    logger.warn("Alarm missed", { session_id: sessionId });
    await env.SESSIONS.get(env.SESSIONS.idFromName(sessionId)).fetch("http://session/alarm", { method: "POST" });
  }
}
