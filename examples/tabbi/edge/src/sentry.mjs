/** Spans are OpenTelemetry's: Sentry's SDK tells of errors. */
export const sentryOptions = (env) => ({
  dsn: env.SENTRY_DSN,
  environment: env.ENVIRONMENT,
  release: env.MIDWATCH_RELEASE,
  skipOpenTelemetrySetup: true,
  // Two sessions that fail alike, one after the other, are two errors.
  integrations: (usual) => usual.filter((one) => one.name !== "Dedupe"),
  initialScope: { tags: { service: "api" } },
});
