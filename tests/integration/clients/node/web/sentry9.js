import * as Sentry from "@sentry/browser-9";
import { build, dsn } from "./page.js";

Sentry.init({
  dsn,
  environment: "staging",
  release: "shop@0.9.0",
  tracesSampleRate: 1,
  integrations: [Sentry.browserTracingIntegration({ enableInp: true })],
});
Sentry.setTag("service", "shop-web-9");
build();
