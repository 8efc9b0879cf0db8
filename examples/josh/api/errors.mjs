// What Sentry is told of, with the document's categories, severities and ids.
import * as Sentry from "@sentry/node";
import { log } from "./log.mjs";

/** The caller's mistake; `event` is the line that tells of it. */
export class Refused extends Error {
  name = "Refused";

  constructor(event, status, message) {
    super(message);
    Object.assign(this, { event, status });
  }
}

function capture(error, category, level, ids) {
  Sentry.withScope((scope) => {
    scope.setLevel(level);
    scope.setTags({ category, ...ids });
    scope.addBreadcrumb({ category: "handler", message: category });
    Sentry.captureException(error);
  });
}

/** Express: a handler of one category. What fails in it is told once: `level` where it is ours, a warning where not. */
export const handled = (category, level, handler) => async (request, response) => {
  try {
    await handler(request, response);
  } catch (error) {
    const theirs = error.status < 500;
    capture(error, category, theirs ? "warning" : level, request.ids ?? {});
    const told = { ...request.ids, handler: category, error_code: error.name, error_message: error.message };
    log[theirs ? "warn" : "error"](told, error.event ?? "api.failed");
    response.status(theirs ? error.status : 502).json({ error: theirs ? error.message : "it could not be handled" });
  }
};
