"""What is told of each WebSocket that is served: two spans and two lines for each, and metrics of its messages."""

from collections.abc import Mapping
from contextvars import Token
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, set_span_in_context

from midwatch.sdk import calls, context
from midwatch.sdk.guard import guarded
from midwatch.sdk.log_lines import type_name
from midwatch.sdk.propagation import Arrived, extract
from midwatch.sdk.setup import in_force
from midwatch.sdk.web_socket_metrics import ACCEPTED, CLIENT, FAILED, RECEIVED, REJECTED, SERVER, SocketMetrics
from midwatch.sdk.web_socket_metrics import LOST as REASON_LOST

LOGGER = "midwatch.websocket"
LOST, SERVER_ERROR = 1006, 1011
SWITCHING = 101
REASONS = {
    1000: "normal",
    1001: "going_away",
    1005: "no_status",
    LOST: "lost",
    1008: "policy",
    1009: "too_large",
    SERVER_ERROR: "server_error",
    1012: "restart",
    1013: "try_again_later",
}
"""RFC 6455, section 7.4.1, and IANA's registry; an app's own codes are told as they are."""

_tracer = trace.get_tracer(LOGGER)
_metrics = SocketMetrics("websocket")


@dataclass(slots=True)
class Socket:
    """One connection."""

    path: str
    started: float
    span: Span
    arrived: Arrived
    span_token: Token[otel_context.Context]
    entered: context.Entered
    route: str = ""
    open: bool = False
    received: int = 0
    sent: int = 0
    undelivered: int = 0
    ended_by: str = ""
    code: int = 0


@guarded
def begin(path: str, carrier: Mapping[str, str], attributes: dict[str, Any]) -> Socket:
    attributes["url.path"] = path
    arrived = extract(carrier)
    attributes["correlation_id"] = arrived.context.correlation_id
    span = _tracer.start_span("WEBSOCKET", arrived.parent, SpanKind.SERVER, attributes)
    span_token = otel_context.attach(set_span_in_context(span, arrived.parent))
    return Socket(path, perf_counter(), span, arrived, span_token, context.enter(arrived.context))


@guarded
def opened(socket: Socket, route: str) -> None:
    socket.open, socket.route = True, route
    # Who stays for an hour has not been waiting for one: what was asked for is the handshake.
    _end_span(socket.span, "WEBSOCKET", route, None, {"http.response.status_code": SWITCHING})
    attributes = {"correlation_id": socket.arrived.context.correlation_id}
    socket.span = _tracer.start_span(f"SOCKET {route}", kind=SpanKind.INTERNAL, attributes=attributes)
    # The app's task goes on under it; with the handshake's it is left.
    otel_context.attach(set_span_in_context(socket.span))
    _metrics.active.add(1, route=route)
    _metrics.connections.inc(route=route, outcome=ACCEPTED)
    _say("info", "socket connected", {"path": socket.path, "route": route})


@guarded
def passed(socket: Socket, direction: str) -> None:
    """A message came, or went."""
    if direction == RECEIVED:
        socket.received += 1
    else:
        socket.sent += 1
    _metrics.messages.inc(route=socket.route, direction=direction)


@guarded
def not_delivered(socket: Socket) -> None:
    socket.undelivered += 1
    ended(socket, CLIENT, LOST)
    _metrics.undelivered.inc(route=socket.route, reason=REASON_LOST)


@guarded
def ended(socket: Socket, by: str, code: int) -> None:
    """Who closes first has ended it."""
    if not socket.ended_by:
        socket.ended_by, socket.code = by, code


@guarded
def leave(socket: Socket, route: str, error: BaseException | None) -> None:
    """The app is done with it; `error` is what it raised."""
    try:
        _tell_end(socket, route, error)
    finally:
        if context.leave(socket.entered):
            context.reset(socket.span_token)


def _tell_end(socket: Socket, route: str, error: BaseException | None) -> None:
    if error is not None and type(error).__name__ == "WebSocketDisconnect":
        error = None
    if error is not None and not socket.ended_by:
        ended(socket, SERVER, SERVER_ERROR)
    route = socket.route or route
    by, code = socket.ended_by or SERVER, socket.code or LOST
    reason = REASONS.get(code) or str(code)
    fields: dict[str, Any] = {**socket.arrived.context.bound, "path": socket.path, "route": route}
    if socket.open:
        _metrics.active.add(-1, route=route)
        _metrics.disconnects.inc(route=route, by=by, reason=reason)
        fields |= {"by": by, "reason": reason, "code": code, "received": socket.received, "sent": socket.sent}
        fields["undelivered"] = socket.undelivered
        about: dict[str, Any] = {"websocket.close.reason": reason}
        about |= {"websocket.messages.received": socket.received, "websocket.messages.sent": socket.sent}
        _end_span(socket.span, "SOCKET", route, error, about)
    else:
        _end_span(socket.span, "WEBSOCKET", route, error, {})
        _metrics.connections.inc(route=route, outcome=FAILED if error else REJECTED)
    fields["duration_ms"] = round((perf_counter() - socket.started) * 1000, 3)
    message = "socket disconnected" if socket.open else "socket refused"
    level = "error" if error else "info" if socket.open else "warning"
    _say(level, message, fields, error)


def _end_span(span: Span, name: str, route: str, error: BaseException | None, attributes: Mapping[str, Any]) -> None:
    if route:
        span.update_name(f"{name} {route}")
        span.set_attribute("http.route", route)
    for key, value in attributes.items():
        span.set_attribute(key, value)
    if error is not None:
        span.record_exception(error)
        span.set_attribute("error.type", type_name(error))
        span.set_status(calls.FAILED)
    span.end()


def _say(level: str, message: str, fields: dict[str, Any], error: BaseException | None = None) -> None:
    running = in_force()
    if running is not None:
        running.logs.emit(level, message, fields, logger=LOGGER, error=error)
