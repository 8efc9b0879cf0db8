// The structured logger: JSON lines to the standard output, to a file that is rotated, and to Midwatch.
import * as Sentry from "@sentry/node";
import pino from "pino";
import roll from "pino-roll";
import { context } from "./correlation.mjs";
import { Sink } from "./sink.mjs";

const { LOG_FILE, LOG_FILE_SIZE = "10m", MIDWATCH_URL, MIDWATCH_KEY } = process.env;
const sink = MIDWATCH_URL && MIDWATCH_KEY ? new Sink(MIDWATCH_URL, MIDWATCH_KEY) : undefined;
const file = LOG_FILE && (await roll({ file: LOG_FILE, size: LOG_FILE_SIZE, limit: { count: 5 }, mkdir: true }));
const streams = [process.stdout, file, sink].filter(Boolean).map((stream) => ({ stream }));

export const log = pino(
  {
    base: { service: "chat", env: process.env.ENVIRONMENT, instance: process.env.INSTANCE, pid: process.pid },
    level: process.env.LOG_LEVEL ?? "info",
    messageKey: "event",
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    mixin() {
      const span = Sentry.getActiveSpan()?.spanContext();
      return { ...context(), trace_id: span?.traceId, span_id: span?.spanId };
    },
  },
  pino.multistream(streams),
);

/** An error's words and stack on a line. As an error event Sentry's SDK tells it: once. */
export const failure = (error) => ({ reason: error?.message, stack: error?.stack });

/** All lines so far are where they go. */
export async function lastLines() {
  file?.flushSync();
  await sink?.send();
}
