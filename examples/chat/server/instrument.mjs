// Sentry's SDK, before anything else is imported: `node --import ./instrument.mjs server.mjs`. Without SENTRY_DSN it is off.
import * as Sentry from "@sentry/node";

Sentry.init({
  dsn: process.env.SENTRY_DSN,
  environment: process.env.ENVIRONMENT ?? "development",
  release: "chat@1.0.0",
  serverName: process.env.INSTANCE,
  tracesSampleRate: Number(process.env.SENTRY_TRACES_SAMPLE_RATE ?? 0),
  propagateTraceparent: true,
  // Each error counts, also where it is the one before over again: who is told of spikes needs their number.
  integrations: (all) => all.filter((one) => one.name !== "Dedupe"),
  tracePropagationTargets: [/.*/],
  initialScope: { tags: { service: "chat" } },
});
Sentry.getGlobalScope().setAttributes({ service: "chat" });
