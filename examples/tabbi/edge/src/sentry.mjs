/** Spans are OpenTelemetry's: Sentry's SDK tells of errors. */
export const sentryOptions = (env) => ({
  dsn: env.SENTRY_DSN,
  environment: env.ENVIRONMENT,
  release: env.MIDWATCH_RELEASE,
  skipOpenTelemetrySetup: true,
  initialScope: { tags: { service: "api" } },
});
