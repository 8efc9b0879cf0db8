// What Cloudflare does for a Worker: builds it, serves it with its Durable Objects, rings its cron, pushes its log.
import * as Sentry from "@sentry/node";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { logpush } from "./logpush.mjs";
import { page } from "./page.mjs";

const CRON_EVERY_MS = 10_000;
const BOUND = [
  "ENVIRONMENT",
  "MIDWATCH_RELEASE",
  "MIDWATCH_URL",
  "MIDWATCH_KEY",
  "SENTRY_DSN",
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OUTSIDE_URL",
  "MODAL_URL",
  "OPENCODE_URL",
  "AUTO_PAUSE_SECONDS",
  "TOKEN_SECRET",
  "FAULTS",
  "WEB_TRACES_SAMPLE_RATE",
  "WEB_REPLAYS_SAMPLE_RATE",
];

const built = await build({
  entryPoints: ["src/worker.mjs"],
  bundle: true,
  write: false,
  format: "esm",
  target: "es2024",
  conditions: ["workerd", "worker", "browser"],
  mainFields: ["browser", "module", "main"],
  external: ["node:*", "cloudflare:*"],
  logLevel: "warning",
});
const log = logpush(`${process.env.MIDWATCH_URL}/ingest/ndjson`, process.env.MIDWATCH_KEY);
const worker = new Miniflare({
  host: "127.0.0.1",
  port: Number(process.env.PORT),
  cf: false,
  modules: [{ type: "ESModule", path: "worker.mjs", contents: built.outputFiles[0].text }],
  compatibilityDate: "2026-03-01",
  compatibilityFlags: ["nodejs_compat"],
  bindings: Object.fromEntries(BOUND.map((name) => [name, process.env[name] ?? ""])),
  durableObjects: { SESSIONS: "Session", ALARMS: "Alarms" },
  serviceBindings: { PAGE: page("../web/dist") },
  handleRuntimeStdio: (stdout, stderr) => {
    log.read(stdout);
    stderr.pipe(process.stderr);
  },
});
await worker.ready;
const cron = setInterval(ring, CRON_EVERY_MS);

/** A cron that fails is nobody's to catch: it is reported as what it is, an unhandled rejection. */
async function ring() {
  const { outcome } = await (await worker.getWorker()).scheduled({ cron: "* * * * *" });
  if (outcome !== "ok") throw new Error(`the worker's cron ended with ${outcome}`);
}

process.on("SIGTERM", async () => {
  clearInterval(cron);
  await worker.dispose();
  await Promise.all([log.push(), Sentry.close(2000)]);
  process.exit(0);
});
