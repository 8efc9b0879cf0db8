// How the two vendors sign their webhooks.
import { createHmac, timingSafeEqual } from "node:crypto";

const TOLERANCE_SECONDS = 300;

const same = (given, expected) =>
  given !== undefined && given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected));

/** Twilio: the URL and all fields of the form in order. */
export function twilioSigned(url, form, given) {
  const text = Object.keys(form)
    .sort()
    .reduce((all, name) => all + name + form[name], url);
  return same(given, createHmac("sha1", process.env.TWILIO_AUTH_TOKEN).update(text).digest("base64"));
}

/** Stripe: a time and the raw body. */
export function stripeSigned(body, header = "") {
  const parts = Object.fromEntries(header.split(",").map((part) => part.split("=")));
  if (Math.abs(Date.now() / 1000 - Number(parts.t)) > TOLERANCE_SECONDS) return false;
  const text = `${parts.t}.${body}`;
  return same(parts.v1, createHmac("sha256", process.env.STRIPE_WEBHOOK_SECRET).update(text).digest("hex"));
}
