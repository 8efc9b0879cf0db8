"""Servers of Socket.IO: each client in a namespace is a connection, each event a piece of work under its ids."""

import weakref
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter, time
from typing import Any
from urllib.parse import parse_qs

from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context

from midwatch.sdk import context
from midwatch.sdk.guard import guarded
from midwatch.sdk.integrations import socketio_hooks as hooks
from midwatch.sdk.integrations.socketio_deliveries import Deliveries, say
from midwatch.sdk.integrations.socketio_hooks import OTHER, Arguments, Hooked, Outcome, argument
from midwatch.sdk.integrations.socketio_sessions import ClientOf, Session, Sessions, client_fields
from midwatch.sdk.log_lines import type_name
from midwatch.sdk.messages import carried_by
from midwatch.sdk.propagation import NAMES, extract
from midwatch.sdk.setup import in_force
from midwatch.sdk.web_socket_metrics import ACCEPTED, FAILED, GONE, LOST, RECEIVED, REJECTED, SENT, EventMetrics

PATH = "/socket.io/"
QUIET_MAX = 16
"""Paths that nothing is told of; those that are learnt to be Engine.IO's are among them."""

_CARRIED = {f"HTTP_{name.upper().replace('-', '_')}": name for name in NAMES}
_CLOSED = "midwatch.closed"
_EMIT_CALLBACK, _CALL_TIMEOUT = 6, 5
"""Where they stand among the arguments."""

Telling = Generator[Arguments, Outcome, None]


@dataclass(slots=True)
class _Attempt:
    """A client that asks to be connected."""

    sid: str = ""
    refused: bool = False
    error: BaseException | None = None


_attempt: ContextVar[_Attempt | None] = ContextVar("midwatch.socketio.attempt", default=None)


class Told:
    """What is told of one server."""

    def __init__(self, server: Any, ack_seconds: float, client_of: ClientOf | None) -> None:
        self._server = server
        self._metrics = EventMetrics("websocket")
        self._deliveries = Deliveries(self._metrics, ack_seconds)
        self._sessions = Sessions(self._metrics, self._deliveries, client_of)
        self._upgrades: dict[str, MutableMapping[str, Any]] = {}
        self._watched: set[str] = set()
        _quieten(PATH)

    def hooks(self) -> Iterator[Hooked]:
        server = self._server
        yield server, "handle_request", self.request
        yield server, "_handle_connect", self.connect
        yield server, "_trigger_event", self.event
        yield server, "emit", self.emit
        yield server, "call", hooks.call_waits(_CALL_TIMEOUT)
        if hasattr(server.manager, "_handle_emit"):
            # With a message queue each process sends to its own clients, whoever says emit.
            yield server.manager, "_handle_emit", self.emitted

    def request(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Telling:
        """Of Engine.IO: what it carries is told, and not once more how it is carried."""
        scope = args[0]
        in_asgi = "type" in scope
        _quieten(scope["path"] if in_asgi else scope.get("SCRIPT_NAME", "") + scope.get("PATH_INFO", ""))
        if not in_asgi or scope["type"] != "websocket":
            return
        sids = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("sid", ())
        for sid in sids:
            self._upgrades[sid] = scope
        yield (scope, _noting_the_code(scope, args[1]), *args[2:]), kwargs
        for sid in sids:
            self._upgrades.pop(sid, None)

    def connect(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Telling:
        eio_sid, namespace, auth = args
        environ = self._server.environ.get(eio_sid) or {}
        arrived = extract({**_headers(environ), **carried_by(auth)})
        route = self._route(namespace or "/")
        fields, previous = client_fields(auth)
        attempt = _Attempt()
        token = _attempt.set(attempt)
        attributes = {**_attributes(environ, route), "correlation_id": arrived.context.correlation_id, **fields}
        work = context.Context(arrived.context.correlation_id, arrived.context.request_id, fields)
        with hooks.within(
            work, arrived.parent, f"CONNECT {route}", kind=SpanKind.SERVER, attributes=attributes
        ) as span:
            _, error = yield args, kwargs
            context.reset(token)
            socket = self._server.eio.sockets.get(eio_sid)
            lost = socket is None or socket.closed
            error = attempt.error or error
            if error is None and attempt.sid and not attempt.refused and not lost:
                span.set_attribute("socketio.sid", attempt.sid)
                self._metrics.connections.inc(route=route, outcome=ACCEPTED)
                bound = {**context.current().fields, "sid": attempt.sid}
                work = context.Context(work.correlation_id, work.request_id, bound)
                parent = set_span_in_context(span, arrived.parent)
                key = self._sessions.key_of(environ, auth) or ""
                told = {"sid": attempt.sid, "transport": self._server.eio.transport(eio_sid)}
                session = Session(attempt.sid, route, work, parent, told, key, previous, eio_sid)
                self._sessions.opened(session)
                self._watch(namespace or "/", route, socket)
                return
            reason = LOST if lost else "unknown_namespace" if not attempt.sid else "failed" if error else "refused"
            self._refused(route, reason, error)
            span.set_attribute("error.type", reason if error is None else type_name(error))
            span.set_status(StatusCode.ERROR)
            if error is not None:
                span.record_exception(error)

    def event(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Telling:
        event, namespace, sid, *rest = args
        if event == "connect":
            return self._connects(sid, args, kwargs)
        session = self._sessions.of(sid)
        if session is None:
            return iter(())  # type: ignore[return-value]
        if event == "disconnect":
            return self._disconnects(session, rest[0] if rest else "", args, kwargs)
        return self._handles(session, self._event(namespace, event), tuple(rest), args, kwargs)

    def emit(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Telling:
        event, namespace = hooks.shown(argument(args, kwargs, "event", 0)) or "", argument(args, kwargs, "namespace", 5)
        to = argument(args, kwargs, "to", 2) or argument(args, kwargs, "room", 3)
        route = namespace or "/"
        queued = hasattr(self._server.manager, "_handle_emit") and not argument(args, kwargs, "ignore_queue", 7)
        if not queued:
            self._count(event, route, to, argument(args, kwargs, "skip_sid", 4))
        if self._sessions.has_left(to):
            self._metrics.undelivered.inc(route=route, event=event, reason=GONE)
            say("warning", "message not delivered", {"route": route, "event": event, "sid": to, "reason": GONE})
            return
        arguments, delivery = hooks.with_delivery(
            self._deliveries, event, route, to if isinstance(to, str) else "", (args, kwargs), _EMIT_CALLBACK
        )
        _, error = yield arguments
        if delivery is not None and error is not None:
            self._deliveries.not_sent(delivery)

    def emitted(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Telling:
        message = args[0]
        route = message.get("namespace") or "/"
        self._count(hooks.shown(message.get("event")) or "", route, message.get("room"), message.get("skip_sid"))
        return iter(())  # type: ignore[return-value]

    def _connects(self, sid: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Telling:
        """The app's answer. Asked twice where its handler takes no `auth`: the last answer counts."""
        attempt = _attempt.get()
        if attempt is None:
            return
        attempt.sid = sid
        result, error = yield args, kwargs
        attempt.refused = result is False or type(error).__name__ == "ConnectionRefusedError"
        attempt.error = None if attempt.refused else error

    def _disconnects(self, session: Session, reason: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Telling:
        code = self._code(session)
        parent, attributes = session.parent, {"socketio.reason": reason}
        with hooks.within(
            session.work, parent, f"DISCONNECT {session.route}", kind=SpanKind.INTERNAL, attributes=attributes
        ) as span:
            _, error = yield args, kwargs
            if error is not None:
                fields = {"route": session.route, "event": "disconnect"}
                span.record_exception(error)
                span.set_status(StatusCode.ERROR)
                say("error", "event failed", fields, error)
            self._sessions.closed(session, reason, code)

    def _handles(
        self, session: Session, event: str, payloads: tuple[Any, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Telling:
        session.received += 1
        self._metrics.messages.inc(route=session.route, direction=RECEIVED, event=event)
        work, parent, links = hooks.goes_on(payloads, session.work, session.parent)
        kind = hooks.kind_of_event(
            session.route, event, correlation_id=work.correlation_id, **{"socketio.sid": session.sid}
        )
        with hooks.within(work, parent, f"EVENT {event}", links=links, **kind) as span:
            started = perf_counter()
            outcome = yield args, kwargs
            handled = outcome[0] is not self._server.not_handled
            hooks.handle(self._metrics, span, session.route, event, started, outcome, handled=handled)

    def _refused(self, route: str, reason: str, error: BaseException | None) -> None:
        self._metrics.connections.inc(route=route, outcome=FAILED if error else REJECTED)
        say("error" if error else "warning", "socket refused", {"route": route, "reason": reason}, error)

    def _count(self, event: str, route: str, to: Any, skip: Any) -> None:
        """To how many of our clients it goes."""
        rooms = self._server.manager.rooms.get(route, {})
        names = to if isinstance(to, list | tuple) else [to]
        clients = [rooms[name] for name in names if name in rooms]
        if not clients:
            return
        skipped = [one for one in (skip if isinstance(skip, list) else [skip]) if one is not None]
        members = clients[0] if len(clients) == 1 else set().union(*clients)
        count = len(members) - sum(one in members for one in skipped)
        if count > 0:
            self._metrics.messages.add(count, route=route, direction=SENT, event=event)

    def _route(self, namespace: str) -> str:
        """A namespace that the app knows: any other name is the client's own."""
        server = self._server
        if namespace in server.handlers or namespace in server.namespace_handlers:
            return namespace
        if server.namespaces == "*" or "*" in server.handlers or "*" in server.namespace_handlers:
            return "*"
        return namespace if namespace in server.namespaces else OTHER

    def _event(self, namespace: str, event: Any) -> str:
        """An event that the app knows."""
        server = self._server
        for one in (namespace, "*"):
            known = server.handlers.get(one, {})
            if event in known or hasattr(server.namespace_handlers.get(one), f"on_{event}"):
                return str(event)
        return "*" if any("*" in server.handlers.get(one, {}) for one in (namespace, "*")) else OTHER

    def _code(self, session: Session) -> int | None:
        """The WebSocket's code, where there is one."""
        scope = self._upgrades.get(session.eio_sid)
        if scope is None:
            scope = (self._server.environ.get(session.eio_sid) or {}).get("asgi.scope") or {}
        return scope.get(_CLOSED)

    @guarded
    def _watch(self, namespace: str, route: str, socket: Any) -> None:
        """Rooms, and how long pings take."""
        if route not in self._watched:
            self._watched.add(route)
            found = weakref.ref(self._server.manager)
            self._metrics.rooms.watch(lambda: _rooms(found(), namespace), route=route)
        if "schedule_ping" in vars(socket):
            return
        schedule, metrics = socket.schedule_ping, self._metrics

        def measured() -> None:
            if socket.last_ping:
                metrics.round_trips.observe(max(0.0, time() - socket.last_ping))
            schedule()

        socket.schedule_ping = measured


def _rooms(manager: Any, namespace: str) -> float:
    """Without the one of all, and each client's own."""
    rooms = manager.rooms.get(namespace) if manager is not None else None
    return len(rooms) - 1 - len(rooms.get(None, ())) if rooms else 0


def _noting_the_code(
    scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[Mapping[str, Any]]]
) -> Callable[[], Awaitable[Mapping[str, Any]]]:
    async def noting() -> Mapping[str, Any]:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            scope[_CLOSED] = message.get("code")
        return message

    return noting


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    return {name: environ[key] for key, name in _CARRIED.items() if key in environ}


def _attributes(environ: Mapping[str, Any], route: str) -> dict[str, Any]:
    found = {"messaging.system": "socketio", "socketio.namespace": route}
    client = (environ.get("asgi.scope") or {}).get("client")
    address = client[0] if client else environ.get("REMOTE_ADDR")
    if address:
        found["client.address"] = address
    if agent := environ.get("HTTP_USER_AGENT"):
        found["user_agent.original"] = agent
    return found


def _quieten(path: str) -> None:
    running = in_force()
    if running is not None and path not in running.web.quiet and len(running.web.quiet) < QUIET_MAX:
        running.web.quiet |= {path}
