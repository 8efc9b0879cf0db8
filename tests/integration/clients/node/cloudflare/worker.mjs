/** A worker with Sentry's SDK for Cloudflare: every request but `/` fails. */
import * as Sentry from "@sentry/cloudflare";

class QuotaError extends Error {
  name = "QuotaError";
}

const options = (env) => ({
  dsn: env.DSN,
  environment: "staging",
  release: "edge@5",
  tracesSampleRate: 1,
  initialScope: { tags: { service: "shop-edge" } },
});

export default Sentry.withSentry(options, {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/") {
      return new Response("ready");
    }
    Sentry.setUser({ id: "u-3" });
    console.log("asked for", pathname);
    throw new QuotaError(`no quota is left for ${pathname}`);
  },
});
