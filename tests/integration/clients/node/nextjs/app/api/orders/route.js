import * as Sentry from "@sentry/nextjs";

class StockError extends Error {
  name = "StockError";
}

export async function GET(request) {
  Sentry.setUser({ id: "u-5" });
  throw new StockError(`nothing of ${new URL(request.url).searchParams.get("item")} is left`);
}
