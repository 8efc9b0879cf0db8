// What must not leave: bodies of messages and phone numbers. A number becomes its hash, the same as the SDK makes in Python.
import { createHmac } from "node:crypto";

const [keyId, secret] = (process.env.MIDWATCH_PRIVACY_KEY ?? ":").split(":");
const PRIVATE_KEYS = /^(body|text|from|to|phone|msisdn)$/i;
const NUMBERS = /\+?\d[\d\s().-]{8,}\d/g;
const off = process.env.JOSH_PRIVACY === "off"; // the control run of the search for private values

export const phoneHash = (number) =>
  `${keyId}:${createHmac("sha256", secret).update(number).digest("hex").slice(0, 32)}`;
export const last2 = (number) => number.slice(-2);

/** A copy of anything that is to be told: numbers in texts are replaced, private keys removed. */
export function withoutPrivate(value, key = "") {
  if (off) return value;
  if (PRIVATE_KEYS.test(key)) return "[removed]";
  if (typeof value === "string") return isId(value) ? value : value.replace(NUMBERS, "[phone]");
  if (Array.isArray(value)) return value.map((one) => withoutPrivate(one));
  if (value === null || typeof value !== "object" || value instanceof Error) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutPrivate(one, name)]));
}

/** Ids, times and hashes have digits, too. */
const isId = (text) => /^[\w:.-]*[a-z][\w:.-]*$/i.test(text) || /^\d{4}-\d\d-\d\d/.test(text);
