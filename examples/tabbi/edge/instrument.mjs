// Of the Node process around the worker: what nobody handles in it becomes an issue.
import * as Sentry from "@sentry/node";

Sentry.init({
  dsn: process.env.SENTRY_DSN,
  environment: process.env.ENVIRONMENT,
  release: process.env.MIDWATCH_RELEASE,
  initialScope: { tags: { service: "edge" } },
});
