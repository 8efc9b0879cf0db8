// Sentry's SDK, before anything else is imported: `node --import ./instrument.mjs server.mjs`.
import * as Sentry from "@sentry/node";
import { withoutPrivate } from "./privacy.mjs";

const SAMPLED = { prod: 0.25, staging: 1, local: 1 };
const environment = process.env.ENVIRONMENT;

/** A request's body, cookies and query say what somebody wrote, and from which number. */
function told(event) {
  for (const key of ["data", "cookies", "query_string"]) delete event.request?.[key];
  return withoutPrivate(event);
}

Sentry.init({
  dsn: process.env.SENTRY_DSN,
  environment,
  release: `api@${process.env.npm_package_version ?? "2.0.0"}`,
  tracesSampleRate: SAMPLED[environment],
  propagateTraceparent: true,
  tracePropagationTargets: [/.*/],
  // By itself it puts bodies of requests on spans and errors: what somebody wrote, and from which number.
  dataCollection: { httpBodies: [], httpHeaders: false, cookies: false, urlQueryParams: false },
  initialScope: { tags: { service: "api" } },
  // Midwatch counts what is the same; this one of the defaults would leave out what came twice in a row.
  integrations: (defaults) => defaults.filter(({ name }) => name !== "Dedupe"),
  beforeSend: told,
});
Sentry.getGlobalScope().setAttributes?.({ service: "api" });
