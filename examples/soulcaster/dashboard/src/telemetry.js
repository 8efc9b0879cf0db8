// Errors, page loads, web vitals and sessions by Sentry's SDK; what people do by PostHog's.
import * as Sentry from "@sentry/react";
import posthog from "posthog-js";

const SERVICE = "dashboard-web";

export function setUp(config) {
  Sentry.init({
    dsn: config.dsn,
    environment: config.environment,
    integrations: [Sentry.browserTracingIntegration()],
    tracesSampleRate: 1.0,
    propagateTraceparent: true,
    initialScope: { tags: { service: SERVICE } },
  });
  Sentry.getGlobalScope().setAttributes({ service: SERVICE });
  posthog.init(config.posthog.key, {
    api_host: config.posthog.host,
    capture_pageview: true,
    person_profiles: "always",
  });
  Sentry.setUser({ id: posthog.get_distinct_id() });
}
