// The API: /api/…
import express from "express";
import * as chat from "./chat.mjs";
import { context } from "./correlation.mjs";
import { AppError } from "./errors.mjs";
import { limited } from "./redis.mjs";

const ASSISTANT = process.env.ASSISTANT_URL;
const ASSISTANT_MS_MAX = 30_000;
const ASKED_A_MINUTE = 30;

async function assistant(path, body) {
  const answer = await fetch(ASSISTANT + path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-correlation-id": context().correlation_id },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ASSISTANT_MS_MAX),
  });
  if (!answer.ok) throw new AppError(502, "ASSISTANT_FAILED", "the assistant does not answer; please try again");
  return answer.json();
}

export function api(sockets) {
  const routes = express.Router();
  routes.use(express.json());
  const user = (request) => request.get("x-user-id");

  routes.get("/api/chat/rooms", async (_request, response) => response.json({ ok: true, data: await chat.rooms() }));
  routes.get("/api/chat/rooms/:room/messages", async (request, response) => {
    response.json({ ok: true, data: await chat.messages(request.params.room, request.query.pattern) });
  });
  routes.post("/api/chat/rooms/:room/messages", async (request, response) => {
    const message = await chat.write(user(request), request.params.room, request.body?.text);
    sockets.deliver(message.room_id, message);
    response.status(201).json({ ok: true, data: message });
  });
  routes.post("/api/hooks/:room", async (request, response) => {
    const message = await chat.announce(request.params.room, request.body?.text);
    sockets.deliver(message.room_id, message);
    response.status(201).json({ ok: true });
  });
  routes.delete("/api/hooks/:room", async (request, response) => {
    await chat.unsay(request.params.room);
    response.json({ ok: true });
  });
  routes.post("/api/chat/messages/:message/reactions", async (request, response) => {
    await chat.react(user(request), request.params.message, request.body?.emoji);
    response.status(201).json({ ok: true });
  });
  routes.post("/api/tickets", async (request, response) => {
    response.status(201).json({ ok: true, data: await chat.openTicket(user(request), request.body ?? {}) });
  });
  routes.post("/api/ai/ticket-assistant", async (request, response) => {
    await limited("assistant", user(request), ASKED_A_MINUTE, 60_000);
    const ticket = await chat.ticket(request.body?.ticketId);
    response.json({ ok: true, data: await assistant("/assist", { ...ticket, user_id: user(request) }) });
  });
  routes.post("/api/chat/rooms/:room/summary", async (request, response) => {
    response.status(202).json({ ok: true, data: await assistant("/summaries", { room_id: request.params.room }) });
  });
  routes.post("/api/admin/:action", async (request, response) => {
    const { target, ...metadata } = request.body ?? {};
    await chat.act(user(request), request.params.action, target, metadata);
    response.json({ ok: true });
  });
  return routes;
}
