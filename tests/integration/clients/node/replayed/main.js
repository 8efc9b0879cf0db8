import * as Sentry from "@sentry/browser";

const asked = new URLSearchParams(location.search);

Sentry.init({
  dsn: asked.get("dsn"),
  environment: "staging",
  release: "shop@1.2.3",
  tracesSampleRate: 1,
  replaysSessionSampleRate: Number(asked.get("session")),
  replaysOnErrorSampleRate: Number(asked.get("error")),
  integrations: [
    Sentry.browserTracingIntegration(),
    // Everything that is not said here is as the SDK has it: texts and fields masked, pictures left out.
    Sentry.replayIntegration({
      minReplayDuration: 0,
      networkDetailAllowUrls: [location.origin],
      networkRequestHeaders: ["x-api-key", "x-shop"],
    }),
  ],
});
Sentry.setUser({ id: asked.get("user"), email: `${asked.get("user")}@example.test` });

/** What a test has the page do. */
window.shop = {
  log: () => {
    console.log("cart", { password: "hunter2", items: 3 });
    console.error("cannot pay: token=hunter2");
  },
  pay: async () => {
    const body = JSON.stringify({ card_number: "hunter2", total: 42 });
    const headers = { "content-type": "application/json", "x-api-key": "hunter2", "x-shop": "7" };
    const answer = await fetch("/pay?api_key=hunter2", { method: "POST", body, headers });
    await answer.text();
  },
  add: () => {
    const item = document.createElement("li");
    item.id = "item";
    item.textContent = "A secret present";
    document.getElementById("cart").append(item);
  },
  go: () => history.pushState({}, "", `/checkout?session_token=hunter2&step=2`),
  fail: () => setTimeout(() => {
    throw new Error("the shop is on fire");
  }),
  flush: () => Sentry.getReplay()?.flush(),
  replayId: () => Sentry.getReplay()?.getReplayId() ?? null,
};
document.documentElement.dataset.ready = "1";
