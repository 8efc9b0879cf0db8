/** A server on Node.js with Sentry's SDK: of `/ship` it tells a failure, of `/pay` a rejection that nobody handles, and `/crash` ends it. */
import * as Sentry from "@sentry/node";
import { createServer } from "node:http";

Sentry.init({
  dsn: process.env.DSN,
  environment: "staging",
  release: "orders@7",
  tracesSampleRate: 1,
  initialScope: { tags: { service: "shop-orders" } },
});

class ShippingError extends Error {
  name = "ShippingError";
}

class PaymentError extends Error {
  name = "PaymentError";
}

class Crash extends Error {
  name = "Crash";
}

function ship() {
  try {
    JSON.parse("{oops");
  } catch (cause) {
    throw new ShippingError("cannot ship 7", { cause });
  }
}

const server = createServer((request, response) => {
  Sentry.setUser({ id: "u-4", email: "bob@example.com" });
  console.log("asked for", request.url.split("?")[0]);
  if (request.url.startsWith("/ship")) {
    Sentry.withScope((scope) => {
      scope.setTag("tenant", "acme");
      scope.setExtra("parcel", { weight: 12.5, password: "hunter2" });
      try {
        ship();
      } catch (error) {
        Sentry.captureException(error);
      }
    });
  }
  if (request.url.startsWith("/pay")) {
    Promise.reject(new PaymentError("the bank is gone"));
  }
  response.end("ordered");
  if (request.url.startsWith("/crash")) {
    throw new Crash("out of ideas");
  }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const headers = { "x-tenant": "acme", authorization: "Bearer abc.def.ghi" };
for (const path of ["ship", "pay", "crash"]) {
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/${path}?token=t0p5ecret`, { headers });
  await answer.text();
}
