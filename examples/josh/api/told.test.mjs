// What the front tells, tested as a part of it: `node --test`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const environment = { ...process.env, MIDWATCH_PRIVACY_KEY: "k1:0123456789abcdef0123456789abcdef", ENVIRONMENT: "test" };
Object.assign(process.env, environment);
const { last2, phoneHash, withoutPrivate } = await import("./privacy.mjs");
const { twilioSigned } = await import("./signatures.mjs");

test("texts and numbers are taken out, ids stay", () => {
  const told = withoutPrivate({ Body: "secret", From: "+12025550100", note: "call +1 202 555 0100 now", sid: "SM0123456789" });
  assert.deepEqual(told, { Body: "[removed]", From: "[removed]", note: "call [phone] now", sid: "SM0123456789" });
});

test("a number is its hash and its last two digits", () => {
  assert.match(phoneHash("+12025550100"), /^k1:[0-9a-f]{32}$/);
  assert.equal(last2("+12025550100"), "00");
});

test("a line has the keys that every line has", () => {
  const program = `const { log } = await import("./log.mjs"); log.info({ Body: "secret" }, "sms.inbound.routed");`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { env: environment, encoding: "utf8" });
  const line = JSON.parse(stdout);
  assert.equal(line.event, "sms.inbound.routed");
  assert.equal(line.Body, "[removed]");
  for (const key of ["ts", "level", "event", "env"]) assert.ok(line[key], key);
});

test("a signature that is not Twilio's is none", () => {
  process.env.TWILIO_AUTH_TOKEN = "t";
  assert.equal(twilioSigned("https://x/", { a: "1" }, "AAAA"), false);
});
