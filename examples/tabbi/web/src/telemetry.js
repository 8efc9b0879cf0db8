// Errors, page loads, vitals and replays by Sentry's SDK; what people do by PostHog's; spans of their acts by
// OpenTelemetry's, since those go on in the edge.
import * as Sentry from "@sentry/react";
import posthog from "posthog-js";
import { setUpTracing } from "./tracing.js";
import { tellFirstInputDelay } from "./vitals.js";

const SERVICE = "web";

/** For who wants to see all that the page tells: `?traces=1&replays=1`. */
const wished = (name, usual) => Number(new URLSearchParams(location.search).get(name) ?? usual);

export function setUp(config) {
  Sentry.init({
    dsn: config.dsn,
    environment: config.environment,
    release: config.release,
    integrations: [Sentry.browserTracingIntegration(), Sentry.replayIntegration({ minReplayDuration: 0 })],
    tracesSampleRate: wished("traces", config.traces),
    replaysSessionSampleRate: wished("replays", config.replays),
    replaysOnErrorSampleRate: 1.0,
    // The edge goes on with OpenTelemetry's traces.
    tracePropagationTargets: [],
    initialScope: { tags: { service: SERVICE } },
  });
  Sentry.getGlobalScope().setAttributes({ service: SERVICE });
  setUpTracing(config, SERVICE, wished("traces", config.traces));
  tellFirstInputDelay(config, SERVICE);
  posthog.init(config.posthog.key, {
    api_host: config.posthog.host,
    capture_pageview: false,
    person_profiles: "always",
    bootstrap: { featureFlags: { "prompt-templates": variant() } },
  });
  posthog.capture("visited");
}

/** Half of the browsers have the new flag, and keep what they have. */
function variant() {
  localStorage.variant ??= Math.random() < 0.5 ? "on" : "off";
  return localStorage.variant;
}

export function signedIn(userId) {
  Sentry.setUser({ id: userId });
  posthog.identify(userId);
  posthog.capture("signed in");
}

export const did = (event, properties) => posthog.capture(event, properties);
export const has = (flag) => posthog.getFeatureFlag(flag) === "on";
