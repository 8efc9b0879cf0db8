// The agent's events (SSE), handed to the browsers of a session.
import { SpanKind } from "@opentelemetry/api";
import { events } from "./calls.mjs";
import { logger } from "./logger.mjs";
import { received } from "./telemetry.mjs";

const ENDED = new Set(["message.completed", "message.failed"]);

export class Relay {
  #tell;
  #agent;
  #stopping;
  listening;

  constructor(tell) {
    this.#tell = tell;
  }

  /** Until the agent ends or `stop`; the promise `listening` is kept once events would be heard. */
  async start(agentId) {
    if (this.#agent === agentId) return;
    this.stop();
    this.#agent = agentId;
    const stopping = (this.#stopping = new AbortController());
    let heard;
    this.listening = new Promise((resolve) => (heard = resolve));
    try {
      const answer = await events(agentId, stopping.signal);
      if (!answer.ok) throw new Error(`the agent answers ${answer.status}`);
      for await (const event of frames(answer.body)) {
        if (event === undefined) heard();
        else await this.#hand(event);
      }
    } catch (error) {
      if (!stopping.signal.aborted) logger.warn("Agent's events lost", { reason: error.message });
    } finally {
      heard();
      if (this.#stopping === stopping) this.#agent = undefined;
    }
  }

  stop() {
    this.#stopping?.abort();
    this.#agent = undefined;
  }

  /** In the trace and under the request id of the prompt that it answers. */
  #hand({ ids, ...event }) {
    const headers = new Headers({ "x-request-id": event.request_id ?? "", traceparent: ids?.traceparent ?? "" });
    return received(`SSE ${event.type}`, headers, SpanKind.CONSUMER, async () => {
      if (ENDED.has(event.type)) logger.info("Agent answered", { prompt_id: event.prompt_id, how: event.type });
      this.#tell(event);
    });
  }
}

/** Events of a stream; undefined for a comment. */
async function* frames(body) {
  let rest = "";
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split(/\r?\n\r?\n/);
    rest = parts.pop();
    for (const part of parts) {
      const data = part.split(/\r?\n/).filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trim());
      yield data.length ? JSON.parse(data.join("\n")) : undefined;
    }
  }
}
