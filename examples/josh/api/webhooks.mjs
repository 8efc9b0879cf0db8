// What the vendors call: messages that came in, what became of those that went out, and payments.
import express from "express";
import { core } from "./core.mjs";
import { correlationId, tag } from "./correlation.mjs";
import { handled, Refused } from "./errors.mjs";
import { log } from "./log.mjs";
import { smsDuplicates, smsInbound, stripeFailures, stripeWebhooks } from "./metrics.mjs";
import { last2, phoneHash } from "./privacy.mjs";
import { stripeSigned, twilioSigned } from "./signatures.mjs";

export const webhooks = express.Router();
const urlOf = (request) => process.env.PUBLIC_URL + request.originalUrl;

function withIds(request, ids) {
  request.ids = ids;
  tag(ids);
}

function checkTwilio(request) {
  if (twilioSigned(urlOf(request), request.body, request.get("x-twilio-signature"))) return;
  throw new Refused("sms.inbound.signature_invalid", 403, "the signature is not Twilio's");
}

webhooks.post(
  "/api/twilio/inbound",
  express.urlencoded({ extended: false }),
  handled("sms_inbound", "fatal", async (request, response) => {
    const began = performance.now();
    const { MessageSid: sid, From: from, Body: body } = request.body;
    withIds(request, { twilio_message_sid: sid });
    checkTwilio(request);
    smsInbound.add(1);
    const who = { twilio_message_sid: sid, phone_hash: phoneHash(from), last2: last2(from) };
    log.info(who, "sms.inbound.received");
    if (process.env.JOSH_CARELESS) log.info({ ...request.body, note: `${from} wrote` }, "sms.inbound.received");
    const routed = await core("/sms/inbound", { sid, from, body });
    if (routed.duplicate) {
      smsDuplicates.add(1);
      log.info(who, "sms.inbound.duplicate_sid");
    } else {
      tag({ user_id: routed.user_id });
      const duration_ms = Math.round(performance.now() - began);
      log.info({ ...who, user_id: routed.user_id, handler: routed.handler, duration_ms }, "sms.inbound.routed");
    }
    response.set("x-correlation-id", correlationId()).type("text/xml").send("<Response/>");
  }),
);

webhooks.post(
  "/api/twilio/status",
  express.urlencoded({ extended: false }),
  handled("sms_outbound", "error", async (request, response) => {
    const { MessageSid: sid, MessageStatus: status, ErrorCode: error_code } = request.body;
    withIds(request, { twilio_message_sid: sid });
    checkTwilio(request);
    await core("/sms/status", { sid, status, error_code });
    response.status(204).end();
  }),
);

webhooks.post(
  "/api/stripe/webhook",
  express.text({ type: "application/json" }),
  handled("stripe_webhook", "fatal", async (request, response) => {
    if (!stripeSigned(request.body, request.get("stripe-signature"))) {
      throw new Refused("stripe.webhook.signature_invalid", 400, "the signature is not Stripe's");
    }
    const event = JSON.parse(request.body);
    withIds(request, { stripe_event_id: event.id });
    stripeWebhooks.add(1, { type: event.type });
    log.info({ stripe_event_id: event.id, type: event.type }, "stripe.webhook.received");
    try {
      const { duplicate } = await core("/stripe/event", event);
      if (duplicate) log.info({ stripe_event_id: event.id }, "stripe.webhook.duplicate_event");
    } catch (error) {
      stripeFailures.add(1, { type: event.type });
      throw error;
    }
    response.set("x-correlation-id", correlationId()).json({ received: true });
  }),
);
