// The id and the person of one piece of work, on all that is told of it.
import * as Sentry from "@sentry/node";
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";

const GIVEN = /^[\w-]{8,128}$/;
const work = new AsyncLocalStorage();

/** What is known of the work at hand: `correlation_id`, `user_id`. */
export const context = () => work.getStore() ?? {};

/** Run `next` as a piece of work of its own; a caller's id goes on. */
export function within(given, user_id, next) {
  const correlation_id = GIVEN.test(given ?? "") ? given : randomUUID();
  Sentry.getIsolationScope()
    .setTag("correlation_id", correlation_id)
    .setUser(user_id ? { id: user_id } : null);
  return work.run({ correlation_id, user_id }, next);
}

/** Express: each request is one. */
export function correlated(request, response, next) {
  const user_id = request.get("x-user-id");
  within(request.get("x-correlation-id"), user_id, () => {
    response.set("x-correlation-id", context().correlation_id);
    next();
  });
}
