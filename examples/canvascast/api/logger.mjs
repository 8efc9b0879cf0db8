// One JSON line an event; what a line belongs to is the context of a child logger.
import pino from "pino";

const level = process.env.LOG_LEVEL ?? "info";
const sink = pino.transport({ target: new URL("./sink.mjs", import.meta.url).pathname });

const logger = pino(
  {
    level,
    messageKey: "message",
    timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    base: { service: process.env.SERVICE_NAME, env: process.env.NODE_ENV },
  },
  pino.multistream([
    { level, stream: process.stdout },
    { level, stream: sink },
  ]),
);

/** `context` is some of traceId, spanId, userId and jobId. */
export const createLogger = (context) => logger.child(context);

export const lastLines = () => new Promise((done) => sink.once("close", done).end());
