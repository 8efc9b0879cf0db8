// Tokens: a user's id and its signature. Who brings none is a guest under the name that the body says.
import { env } from "cloudflare:workers";
import { faults } from "./faults.mjs";
import { logger } from "./logger.mjs";
import { Refused } from "./refused.mjs";
import { withSpan } from "./telemetry.mjs";

const USER = /^[\w.-]{1,60}$/;
const coder = new TextEncoder();

async function signed(userId) {
  // A deploy without its secret: the fault `api_down`.
  const secret = coder.encode(faults.api_down ? "" : env.TOKEN_SECRET);
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", key, coder.encode(userId)));
  return `${userId}.${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

export async function signIn(userId) {
  if (!USER.test(userId ?? "")) throw new Refused(422, "user_id: expected letters, digits, dots and dashes");
  const token = await signed(userId);
  logger.setContext({ userId });
  logger.info("Signed in");
  return token;
}

/** The user's id. */
export const validateToken = (request, guest) =>
  withSpan("Validate token", async () => {
    const token = (request.headers.get("authorization") ?? "").replace(/^Bearer /, "");
    const userId = token ? token.slice(0, token.lastIndexOf(".")) : guest;
    const expected = await signed(userId || "nobody");
    if (!USER.test(userId ?? "") || (token && token !== expected)) {
      logger.warn("Authentication failed", { how: token ? "token" : "guest" });
      throw new Refused(401, "who are you? POST /signin gives a token");
    }
    logger.setContext({ userId });
    logger.info("Authenticated", { how: token ? "token" : "guest" });
    return userId;
  });
