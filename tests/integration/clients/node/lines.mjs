// pino as applications use it: child loggers, errors, numeric levels, a private key; one JSON line each on stdout.
import pino from "pino";

const log = pino({ base: { service: process.env.SERVICE } }, pino.destination({ sync: true }));
log.info({ sessionId: "s-1", card: { number: "4111" } }, "session created");
log.child({ trace_id: process.env.TRACE_ID, span_id: process.env.SPAN_ID, requestId: 7 }).warn("slow boot");
log.error({ err: new TypeError("no room left") }, "session failed");
log.fatal("gone");
