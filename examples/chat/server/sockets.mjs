// Socket.IO over all instances: who comes and goes, how far away they are, and which messages did not arrive.
import * as Sentry from "@sentry/node";
import { createAdapter } from "@socket.io/redis-adapter";
import { Server } from "socket.io";
import { context, within } from "./correlation.mjs";
import { answered } from "./errors.mjs";
import { failure, log } from "./log.mjs";
import * as measure from "./metrics.mjs";
import { publisher, subscriber } from "./redis.mjs";

const ACK_MS = Number(process.env.ACK_MS ?? 5000);
const PING_MS = Number(process.env.PING_MS ?? 5000);
const route = "/";

function refused(reason) {
  measure.socketConnections.add(1, { route, outcome: "rejected" });
  log.warn({ reason }, "socket.refused");
}

export class Sockets {
  #io;

  constructor(server, say) {
    const adapter = createAdapter(publisher, subscriber);
    this.#io = new Server(server, { adapter, pingInterval: PING_MS, pingTimeout: 2 * PING_MS });
    measure.socketsActive.addCallback((result) => result.observe(this.#io.engine.clientsCount, { route }));
    this.#io.use((socket, next) => {
      if (socket.handshake.auth.userId) return next();
      refused("userId is missing");
      return next(new Error("userId is missing"));
    });
    this.#io.engine.on("connection_error", ({ message }) => refused(message));
    this.#io.on("connection", (socket) => this.#connected(socket, say));
    this.#io.on("deliver", (room, message, correlation_id) =>
      within(correlation_id, undefined, () => this.#deliverHere(room, message)),
    );
  }

  /** To everybody in the room, whichever instance they are connected to. */
  deliver(room, message) {
    this.#io.serverSideEmit("deliver", room, message, context().correlation_id);
    this.#deliverHere(room, message);
  }

  close() {
    return this.#io.close();
  }

  #connected(socket, say) {
    const { userId, previousSid, correlationId } = socket.handshake.auth;
    const who = { sid: socket.id, user_id: userId };
    measure.socketConnections.add(1, { route, outcome: "accepted" });
    if (previousSid) measure.socketReconnects.add(1, { route });
    log.info({ ...who, previous_sid: previousSid }, previousSid ? "socket.reconnected" : "socket.connected");
    this.#measurePings(socket);
    socket.on("disconnect", (reason) => {
      measure.socketDisconnects.add(1, { route, reason });
      log.info({ ...who, reason }, "socket.disconnected");
    });
    const work = (event, handle) =>
      socket.on(event, (body, answer = () => undefined) =>
        Sentry.withIsolationScope(() =>
          within(body?.correlationId ?? correlationId, userId, () => this.#handled(event, answer, () => handle(body))),
        ),
      );
    work("join", async ({ room }) => void (await socket.join(room)));
    work("say", ({ room, text }) => say(userId, room, text));
  }

  async #handled(event, answer, handle) {
    const began = performance.now();
    let status = "handled";
    try {
      answer({ ok: true, data: await handle() });
    } catch (error) {
      status = "failed";
      const { status: code, body } = answered(error);
      log[code < 500 ? "warn" : "error"]({ name: event, code: body.code, ...failure(error) }, "socket.event.failed");
      answer(body);
    } finally {
      measure.socketEvents.record((performance.now() - began) / 1000, { route, event, status });
    }
  }

  #measurePings(socket) {
    let sent;
    socket.conn.on("packetCreate", ({ type }) => {
      if (type === "ping") sent = performance.now();
    });
    socket.conn.on("heartbeat", () => {
      if (sent !== undefined) measure.socketPing.record((performance.now() - sent) / 1000);
    });
  }

  #deliverHere(room, message) {
    for (const sid of this.#io.sockets.adapter.rooms.get(room) ?? []) {
      const socket = this.#io.sockets.sockets.get(sid);
      const began = performance.now();
      socket?.timeout(ACK_MS).emit("message", message, (failure) => {
        if (!failure) return measure.socketAck.record((performance.now() - began) / 1000, { route, event: "message" });
        const reason = socket.connected ? "not_acknowledged" : "lost";
        measure.deliveryFailures.add(1, { route, event: "message", reason });
        const to_user_id = socket.handshake.auth.userId;
        return log.warn({ sid, to_user_id, room, message_id: message.id, reason }, "message.undelivered");
      });
    }
  }
}
