import * as Sentry from "@sentry/nextjs";

Sentry.init({ dsn: document.documentElement.dataset.dsn, environment: "staging", tracesSampleRate: 1 });
Sentry.setTag("service", "shop-next-web");

export const onRouterTransitionStart = Sentry.captureRouterTransitionStart;
