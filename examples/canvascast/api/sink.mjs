// A transport of pino's, in a thread of its own: lines as they are, by the hundred or twice a second, to Midwatch.
import build from "pino-abstract-transport";

const LINES_MAX = 100;
const EVERY_MS = 500;
const WAITING_MAX = 10_000;
const waiting = [];
const headers = {
  authorization: `Bearer ${process.env.MIDWATCH_KEY}`,
  "content-type": "application/x-ndjson",
};

async function send() {
  const lines = waiting.splice(0);
  if (!lines.length) return;
  const body = lines.join("\n");
  const signal = AbortSignal.timeout(5000);
  const answer = await fetch(`${process.env.MIDWATCH_URL}/ingest/ndjson`, { method: "POST", headers, body, signal }).catch(() => undefined);
  // While Midwatch is away the oldest give way.
  if (!answer || answer.status === 429 || answer.status >= 500) waiting.unshift(...lines.slice(-WAITING_MAX));
}

export default () =>
  build(
    async (source) => {
      const timer = setInterval(send, EVERY_MS);
      for await (const line of source) if (waiting.push(line) >= LINES_MAX) await send();
      clearInterval(timer);
    },
    { parse: "lines", parseLine: (line) => line, close: send },
  );
