import * as Sentry from "@sentry/react";
import { createRoot } from "react-dom/client";

import { Clusters } from "./clusters.jsx";
import { setUp } from "./telemetry.js";

setUp(await (await fetch("/config.json")).json());
const root = createRoot(document.getElementById("root"), {
  onCaughtError: Sentry.reactErrorHandler(),
  onUncaughtError: Sentry.reactErrorHandler(),
});
root.render(
  <Sentry.ErrorBoundary fallback={<p role="alert">Something broke; we have been told.</p>}>
    <Clusters />
  </Sentry.ErrorBoundary>,
);
