// One JSON line an event, to the standard output and to the sink.
import * as Sentry from "@sentry/node";
import pino from "pino";
import { Writable } from "node:stream";
import { correlationId } from "./correlation.mjs";
import { withoutPrivate } from "./privacy.mjs";

const SEND_EVERY_MS = 500;
const WAITING_MAX = 10_000;

/** Lines as they are, to Midwatch; while it is away the oldest give way. */
class Sink extends Writable {
  #lines = [];

  constructor() {
    super();
    setInterval(() => this.send(), SEND_EVERY_MS).unref();
  }

  _write(line, _encoding, done) {
    this.#lines.push(line);
    if (this.#lines.length > WAITING_MAX) this.#lines.shift();
    done();
  }

  async send() {
    const lines = this.#lines.splice(0);
    if (!lines.length) return;
    const request = {
      method: "POST",
      headers: { authorization: `Bearer ${process.env.MIDWATCH_KEY}`, "content-type": "application/x-ndjson" },
      body: Buffer.concat(lines),
      signal: AbortSignal.timeout(5000),
    };
    try {
      await Sentry.suppressTracing(() => fetch(`${process.env.MIDWATCH_URL}/ingest/ndjson`, request));
    } catch {
      this.#lines.unshift(...lines); // the next round tries again
    }
  }
}

const sink = new Sink();

export const log = pino(
  {
    base: { service: "api", env: process.env.ENVIRONMENT },
    messageKey: "event",
    timestamp: () => `,"ts":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }), log: (fields) => withoutPrivate(fields) },
    mixin() {
      const span = Sentry.getActiveSpan()?.spanContext();
      return { correlation_id: correlationId(), trace_id: span?.traceId, span_id: span?.spanId };
    },
  },
  pino.multistream([{ stream: process.stdout }, { stream: sink }]),
);

export const lastLines = () => sink.send();
