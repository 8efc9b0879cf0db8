import * as Sentry from "@sentry/nextjs";

export function register() {
  Sentry.init({ dsn: process.env.DSN, environment: "staging", release: "shop-next@3.1", tracesSampleRate: 1 });
  Sentry.setTag("service", "shop-next");
}

export const onRequestError = Sentry.captureRequestError;
