// A session: its state machine, its sandbox, and the browsers that look at it.
import { SpanKind } from "@opentelemetry/api";
import * as Sentry from "@sentry/cloudflare";
import { DurableObject } from "cloudflare:workers";
import { expected } from "./alarms.mjs";
import * as calls from "./calls.mjs";
import { tellTransition } from "./events.mjs";
import { faults } from "./faults.mjs";
import { logger } from "./logger.mjs";
import * as metrics from "./metrics.mjs";
import { Refused } from "./refused.mjs";
import { Relay } from "./relay.mjs";
import { sentryOptions } from "./sentry.mjs";
import { received, sendLater, withSpan, work } from "./telemetry.mjs";

const NEXT = {
  idle: ["starting"],
  starting: ["running", "error"],
  running: ["paused", "error"],
  paused: ["running", "error"],
  error: ["starting"],
};

class SessionObject extends DurableObject {
  #sockets = new Set();
  #relay = new Relay((event) => this.#tell(event));

  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const headers = new Headers(request.headers);
    if (searchParams.has("request_id")) headers.set("x-request-id", searchParams.get("request_id"));
    return received(`session ${pathname.slice(1)}`, headers, SpanKind.INTERNAL, async () => {
      try {
        return await this.#served(request, pathname);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        return Response.json({ error: error.message }, { status: error.status });
      } finally {
        sendLater(this.ctx);
      }
    });
  }

  async #served(request, pathname) {
    if (pathname === "/start") return this.#start(await request.json());
    const session = await this.#session();
    switch (pathname) {
      case "/state":
        return Response.json(session);
      case "/pause":
        return Response.json(await this.#pause(session, "asked"));
      case "/resume":
        return Response.json(await this.#resume(session));
      case "/remove":
        return this.#remove(session);
      case "/alarm":
        await this.#idle(session);
        return new Response();
      case "/ws":
        return this.#connect(request, session);
    }
    throw new Refused(404, "there is nothing here");
  }

  async #session() {
    const session = await this.ctx.storage.get("session");
    if (!session) throw new Refused(404, "there is no such session");
    logger.setContext({ sessionId: session.id, userId: session.user_id });
    return session;
  }

  async #start(wish) {
    const session = { ...wish, state: "idle", sequence: 0, created_at: Date.now() };
    logger.setContext({ sessionId: session.id, userId: session.user_id });
    await this.#move(session, "starting", "asked");
    this.ctx.waitUntil(this.#create(session));
    return Response.json(session, { status: 201 });
  }

  /** Behind the answer. */
  async #create(session) {
    try {
      await withSpan("Create sandbox (background)", async () => {
        const { sandbox_id, agent_id } = await calls.createSandbox(session.id, session.repository);
        Object.assign(session, { sandbox_id, agent_id });
      });
      await this.#move(session, "running", "its sandbox is there");
      metrics.sessionRuns(Date.now() - session.created_at);
      await this.#awake(session);
    } catch (error) {
      logger.error("Failed to create sandbox", error, { repository: session.repository });
      await this.#move(session, "error", String(error.message));
    } finally {
      sendLater(this.ctx);
    }
  }

  async #move(session, to, reason) {
    const from = session.state;
    if (!NEXT[from].includes(to)) throw new Refused(409, `a session that is ${from} cannot become ${to}`);
    Object.assign(session, { state: to, sequence: session.sequence + 1 });
    await this.ctx.storage.put("session", session);
    metrics.moved(from, to);
    logger.info("Session state changed", { from, to, reason });
    this.#tell({ type: "state", state: to, reason });
    await tellTransition(session, from, reason);
    if (from !== "idle") await calls.mutation("sessions:setState", { id: session.id, state: to }).catch(ignored);
  }

  async #pause(session, reason) {
    if (session.state !== "running") throw new Refused(409, `a session that is ${session.state} cannot be paused`);
    await calls.snapshot(session.sandbox_id);
    this.#relay.stop();
    await this.ctx.storage.deleteAlarm();
    await expected(this.env).forget(session.id);
    await this.#move(session, "paused", reason);
    return session;
  }

  async #resume(session) {
    if (session.state !== "paused") throw new Refused(409, `a session that is ${session.state} cannot be resumed`);
    session.agent_id = (await calls.restore(session.sandbox_id)).agent_id;
    await this.#move(session, "running", "asked");
    metrics.resumed();
    await this.#awake(session);
    return session;
  }

  async #remove(session) {
    if (session.sandbox_id) await calls.removeSandbox(session.sandbox_id);
    this.#relay.stop();
    for (const socket of this.#sockets) socket.close(1000, "the session is over");
    await expected(this.env).forget(session.id);
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    await tellTransition({ ...session, state: "ended", sequence: session.sequence + 1 }, session.state, "asked");
    await calls.mutation("sessions:remove", { id: session.id });
    const seconds = (Date.now() - session.created_at) / 1000;
    metrics.sessionEnded(seconds);
    logger.info("Session ended", { state: session.state, duration_s: Math.round(seconds) });
    return new Response(null, { status: 204 });
  }

  // Alarms: who does nothing for a while is paused.

  /** Somebody did something, or it runs again: from now on it may be idle for so long. */
  async #awake(session) {
    const due = Date.now() + session.idle_seconds * 1000;
    await expected(this.env).expect(session.id, due);
    if (!faults.lost_alarms) await this.ctx.storage.setAlarm(due);
    metrics.alarm("scheduled");
    if (this.#sockets.size) this.#listen(session);
  }

  async alarm() {
    await received("alarm auto-pause", new Headers(), SpanKind.INTERNAL, async () => {
      metrics.alarm("fired");
      logger.info("Alarm fired");
      await this.#idle(await this.#session());
    });
    sendLater(this.ctx);
  }

  async #idle(session) {
    if (session.state !== "running") return;
    await this.#pause(session, "idle");
    metrics.autoPaused();
    logger.info("Session paused by itself", { idle_seconds: session.idle_seconds });
  }

  // Browsers.

  #connect(request, session) {
    if (request.headers.get("upgrade") !== "websocket") throw new Refused(426, "this is for WebSockets");
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    this.#sockets.add(server);
    metrics.socketOpened(1);
    logger.info("WebSocket connected", { sockets: this.#sockets.size });
    server.addEventListener("message", ({ data }) => this.ctx.waitUntil(this.#said(server, data)));
    const gone = () => {
      if (!this.#sockets.delete(server)) return;
      metrics.socketOpened(-1);
      if (!this.#sockets.size) this.#relay.stop();
    };
    server.addEventListener("close", gone);
    server.addEventListener("error", gone);
    server.send(JSON.stringify({ type: "state", state: session.state, request_id: work().requestId }));
    if (session.state === "running") this.#listen(session);
    if (faults.socket_drops) this.ctx.waitUntil(scheduler.wait(200).then(() => { gone(); server.close(1011, "dropped"); }));
    return new Response(null, { status: 101, webSocket: client });
  }

  #listen(session) {
    this.ctx.waitUntil(this.#relay.start(session.agent_id));
  }

  /** A message comes outside of any request: its ids must be nobody else's. */
  #said = (socket, text) => Sentry.withIsolationScope(() => this.#understood(socket, text));

  async #understood(socket, text) {
    const told = JSON.parse(text);
    const headers = new Headers({ "x-request-id": told.request_id ?? crypto.randomUUID() });
    if (told.traceparent) headers.set("traceparent", told.traceparent);
    await received(`WS ${told.type}`, headers, SpanKind.SERVER, async () => {
      const session = await this.#session();
      logger.debug(`WebSocket message received: ${told.type}`);
      try {
        if (session.state !== "running") throw new Refused(409, `the session is ${session.state}`);
        await this.#relay.listening;
        await calls.prompt(session.agent_id, String(told.text).slice(0, 20_000));
        logger.info("Prompt handed on", { characters: String(told.text).length });
        await this.#awake(session);
      } catch (error) {
        if (!(error instanceof Refused)) logger.error("Failed to hand a prompt on", error);
        const said = { type: "failed", reason: error.message, request_id: headers.get("x-request-id") };
        socket.send(JSON.stringify(said));
      }
    });
    sendLater(this.ctx);
  }

  #tell(event) {
    const request_id = event.request_id ?? work().requestId;
    for (const socket of this.#sockets) socket.send(JSON.stringify({ ...event, request_id }));
  }
}

/** Convex is told of states for lists; the truth is here. */
const ignored = (error) => logger.warn("State not mirrored", { reason: error.message });

export const Session = Sentry.instrumentDurableObjectWithSentry(sentryOptions, SessionObject);
