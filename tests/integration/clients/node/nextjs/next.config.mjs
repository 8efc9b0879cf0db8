/** With Sentry's SDK as its guide has it: maps are uploaded where a build is told of a server. What it reads is in the environment. */
import { withSentryConfig } from "@sentry/nextjs/config";

const root = `${import.meta.dirname}/..`;

export default withSentryConfig(
  {
    distDir: process.env.DIST,
    turbopack: { root },
    outputFileTracingRoot: root,
    // Half of what a build costs.
    serverExternalPackages: ["@sentry/nextjs"],
    experimental: { turbopackFileSystemCacheForBuild: false },
  },
  {
    sentryUrl: process.env.SENTRY_URL,
    authToken: process.env.SENTRY_AUTH_TOKEN,
    org: "midwatch",
    project: process.env.SENTRY_PROJECT,
    release: { name: "shop-next@3.1", setCommits: false },
    telemetry: false,
    silent: true,
    errorHandler(error) {
      throw error;
    },
  },
);
