// One answer for whatever goes wrong: {ok: false, code, message}.
import * as Sentry from "@sentry/node";
import { context } from "./correlation.mjs";

/** A failure with a code that callers can rely on. */
export class AppError extends Error {
  name = "AppError";

  constructor(status, code, message) {
    super(message);
    Object.assign(this, { status, code });
  }
}

export const invalid = (message) => new AppError(400, "VALIDATION_ERROR", message);
export const missing = (what) => new AppError(404, "NOT_FOUND", `there is no such ${what}`);

/** What a caller is told of it. Only what was meant for callers keeps its words. */
export function answerTo(error) {
  if (error instanceof AppError) return { status: error.status, code: error.code, message: error.message };
  if (error.status >= 400 && error.status < 500) {
    return { status: error.status, code: "VALIDATION_ERROR", message: error.message };
  }
  return { status: 500, code: "INTERNAL_ERROR", message: "that did not work, and we have been told" };
}

/** Tell Sentry of what is ours; who called is told what they did. */
export function answered(error) {
  const { status, ...told } = answerTo(error);
  if (status >= 500) Sentry.captureException(error, { tags: { code: told.code } });
  return { status, body: { ok: false, ...told, request_id: context().correlation_id } };
}

/** Express: the only error handler. */
export function errorHandler(error, _request, response, _next) {
  const { status, body } = answered(error);
  Object.assign(response.locals, { error, code: body.code });
  response.status(status).json(body);
}
