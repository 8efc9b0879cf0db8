import * as Sentry from "@sentry/react";
import { createRoot } from "react-dom/client";

import { setUp } from "./telemetry.js";

const config = await (await fetch("/config.json")).json();
setUp(config);
const { Tabbi } = await import("./tabbi.jsx");
const root = createRoot(document.getElementById("root"), {
  onCaughtError: Sentry.reactErrorHandler(),
  onUncaughtError: Sentry.reactErrorHandler(),
});
root.render(
  <Sentry.ErrorBoundary fallback={<p role="alert">Something broke; we have been told.</p>}>
    <Tabbi />
  </Sentry.ErrorBoundary>,
);
