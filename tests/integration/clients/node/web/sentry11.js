import * as Sentry from "@sentry/browser";
import { build, dsn } from "./page.js";

Sentry.init({
  dsn,
  environment: "staging",
  release: "shop@1.2.3",
  tracesSampleRate: 1,
  enableLogs: true,
  integrations: [Sentry.browserTracingIntegration()],
});
Sentry.setTag("service", "shop-web");
Sentry.setUser({ id: "u-7" });
build();
Sentry.logger.info(Sentry.logger.fmt`cart of ${3} things`, { cart: 3, paid: false });
Sentry.metrics?.count("clicks", 1, { attributes: { where: "top" } });
Sentry.metrics?.distribution("cart.value", 12.5, { unit: "euro" });
Sentry.captureFeedback({ name: "Ann", email: "ann@example.com", message: "The button is slow" });
setTimeout(() => {
  throw new TypeError("the cart is no cart");
}, 50);
