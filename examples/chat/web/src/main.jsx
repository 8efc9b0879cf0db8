import * as Sentry from "@sentry/react";
import { createRoot } from "react-dom/client";

import { Room } from "./room.jsx";

const config = await (await fetch("/config.json")).json();
Sentry.init({
  dsn: config.dsn,
  environment: config.environment,
  release: "chat-web@1.0.0",
  integrations: [Sentry.browserTracingIntegration()],
  tracesSampleRate: 1.0,
  propagateTraceparent: true,
  initialScope: { tags: { service: "chat-web" } },
});
Sentry.getGlobalScope().setAttributes({ service: "chat-web" });

const asked = new URLSearchParams(location.search);
const [room, user] = [asked.get("room") ?? "general", asked.get("user") ?? "guest"];
Sentry.setUser({ id: user });
createRoot(document.getElementById("root"), {
  onCaughtError: Sentry.reactErrorHandler(),
  onUncaughtError: Sentry.reactErrorHandler(),
}).render(
  <Sentry.ErrorBoundary fallback={<p role="alert">Something broke; we have been told. Please load the page again.</p>}>
    <Room room={room} user={user} />
  </Sentry.ErrorBoundary>,
);
