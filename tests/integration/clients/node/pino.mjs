// A service that logs with pino to its standard output, as one would pipe it into a shipper.
import pino from "pino";

const logger = pino({ level: "trace", base: { pid: 77, hostname: "box", service: process.env.SERVICE, env: "staging" } });
for (const level of ["trace", "debug", "info", "warn", "error", "fatal"]) logger[level](`at ${level}`);

const request = logger.child({ requestId: "r-1", sessionId: "s-1" });
request.info({ count: 2, ratio: 0.5, ok: false, tags: ["a", 1], user: { id: "u-1", roles: ["x"] } }, "typed %s", "text");
request.child({ component: "cart" }).warn({ traceId: process.env.TRACE_ID, spanId: process.env.SPAN_ID }, "in a trace");
request.error(Object.assign(new RangeError("no stock"), { code: "E_STOCK" }), "cannot reserve");
logger.error({ err: new Error("outer", { cause: new Error("inner") }) });

const iso = pino({
  base: { service: process.env.SERVICE },
  messageKey: "message",
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }) },
});
iso.warn("labels and ISO times");
