// State transitions as domain events: told once, in order.
import { env } from "cloudflare:workers";
import { logger } from "./logger.mjs";
import { ids, work } from "./telemetry.mjs";

export async function tellTransition(session, from, reason) {
  const { requestId, userId } = work();
  const event = {
    id: crypto.randomUUID(),
    type: "session.state_changed",
    time: new Date().toISOString(),
    entity: `session:${session.id}`,
    sequence: session.sequence,
    from,
    to: session.state,
    actor: `user:${userId ?? session.user_id}`,
    correlation_id: requestId,
    trace_id: ids().trace_id,
    service: "api",
    environment: env.ENVIRONMENT,
    metadata: { repository: session.repository, reason },
  };
  const headers = { authorization: `Bearer ${env.MIDWATCH_KEY}`, "content-type": "application/json" };
  const answer = await fetch(`${env.MIDWATCH_URL}/ingest/events`, { method: "POST", headers, body: JSON.stringify(event) }).catch(() => undefined);
  if (answer?.status !== 200) logger.warn("Event not taken", { type: event.type, status: answer?.status ?? 0 });
  await answer?.body?.cancel();
}
