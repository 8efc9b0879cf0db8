// The id of one piece of work, on all that is told of it and handed on with it.
import * as Sentry from "@sentry/node";
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";

const work = new AsyncLocalStorage();

export const correlationId = () => work.getStore();

/** Express: begins where a webhook or an act comes in; a caller's own id goes on. */
export function correlated(request, _response, next) {
  const given = request.get("x-correlation-id");
  work.run(/^[\w-]{8,128}$/.test(given ?? "") ? given : randomUUID(), () => {
    tag({ correlation_id: correlationId() });
    next();
  });
}

/** Ids of the work at hand, on its errors and spans. */
export function tag(ids) {
  Sentry.getIsolationScope().setTags(ids).setAttributes(ids);
  Sentry.getActiveSpan()?.setAttributes(ids);
}
