// Loaded before everything else: errors and traces by Sentry's SDK, wherever SENTRY_DSN leads.
import * as Sentry from "@sentry/node";

Sentry.init({
  dsn: process.env.SENTRY_DSN,
  environment: process.env.ENVIRONMENT ?? "development",
  tracesSampleRate: 1.0,
  propagateTraceparent: true,
});
Sentry.setTag("service", "dashboard");
Sentry.getGlobalScope().setAttributes({ service: "dashboard" });
