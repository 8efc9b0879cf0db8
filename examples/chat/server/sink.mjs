// Lines as they are, to Midwatch. While it is away they wait, and the oldest give way.
import * as Sentry from "@sentry/node";
import { Writable } from "node:stream";

const SEND_EVERY_MS = 500;
const WAITING_MAX = 10_000;

export class Sink extends Writable {
  #waiting = [];
  #sending = Promise.resolve();

  constructor(url, key) {
    super();
    Object.assign(this, { url, key });
    setInterval(() => this.send(), SEND_EVERY_MS).unref();
  }

  _write(line, _encoding, done) {
    this.#waiting.push(line);
    if (this.#waiting.length > WAITING_MAX) this.#waiting.shift();
    done();
  }

  /** Resolves when all lines so far were taken, or this try has failed. */
  send() {
    this.#sending = this.#sending.then(() => this.#post());
    return this.#sending;
  }

  async #post() {
    const lines = this.#waiting.splice(0);
    if (!lines.length) return;
    const request = {
      method: "POST",
      headers: { authorization: `Bearer ${this.key}`, "content-type": "application/x-ndjson" },
      body: Buffer.concat(lines),
      signal: AbortSignal.timeout(5000),
    };
    try {
      const answer = await Sentry.suppressTracing(() => fetch(`${this.url}/ingest/ndjson`, request));
      if (answer.status === 429 || answer.status >= 500) this.#waiting.unshift(...lines);
    } catch {
      this.#waiting.unshift(...lines); // the next round tries again
    }
  }
}
