// Each request is measured and is one line: an error where it failed, a warning where it took over a second.
import { failure, log } from "./log.mjs";
import { requests } from "./metrics.mjs";

const SLOW_MS = 1000;

export function told(request, response, next) {
  const began = performance.now();
  response.once("finish", () => {
    const ms = performance.now() - began;
    const status = response.statusCode;
    requests.record(ms / 1000, {
      "http.request.method": request.method,
      "http.route": request.route?.path ?? "other",
      "http.response.status_code": status,
    });
    const { code, error } = response.locals;
    const line = { method: request.method, path: request.path, status, duration_ms: Math.round(ms), code };
    if (status >= 500) log.error({ ...line, ...failure(error) }, "api.failed");
    else if (ms > SLOW_MS) log.warn(line, "api.slow");
    else log.info(line, "api.answered");
  });
  next();
}
