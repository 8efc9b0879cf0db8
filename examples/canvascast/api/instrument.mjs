// Sentry's SDK, before anything else is imported: `node --import ./instrument.mjs server.mjs`.
import * as Sentry from "@sentry/node";

Sentry.init({
  dsn: process.env.SENTRY_DSN,
  environment: process.env.NODE_ENV,
  tracesSampleRate: Number(process.env.TRACES_SAMPLE_RATE ?? 0.1),
  // Requests begin in tracing.mjs, which knows x-trace-id, and their failures are told by errors.mjs.
  integrations: [
    Sentry.httpIntegration({ disableIncomingRequestSpans: true }),
    Sentry.expressIntegration({ shouldHandleError: false }),
  ],
  initialScope: { tags: { service: process.env.SERVICE_NAME } },
});
Sentry.getGlobalScope().setAttributes({ service: process.env.SERVICE_NAME });
