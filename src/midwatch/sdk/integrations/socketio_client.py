"""Clients of Socket.IO: connections that are lost and come back, events that come, messages nobody acknowledges."""

from collections.abc import Generator, Iterator
from time import perf_counter
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry.trace import SpanKind

from midwatch.sdk import context
from midwatch.sdk.integrations import socketio_hooks as hooks
from midwatch.sdk.integrations.socketio_deliveries import Deliveries, say
from midwatch.sdk.integrations.socketio_hooks import Arguments, Hooked, Outcome, argument
from midwatch.sdk.messages import ids
from midwatch.sdk.web_socket_metrics import ACCEPTED, CLIENT, RECEIVED, REJECTED, SENT, SERVER, EventMetrics

_EMIT_CALLBACK, _CALL_TIMEOUT, _CONNECT_HEADERS = 3, 3, 1
"""Where they stand among the arguments."""
_INTERNAL = "__"
_ALL = ""
"""Who acknowledges: the server, whatever the namespace."""

Telling = Generator[Arguments, Outcome, None]


class Told:
    """What is told of one client."""

    def __init__(self, client: Any, ack_seconds: float) -> None:
        self._client = client
        self._metrics = EventMetrics("websocket_client")
        self._deliveries = Deliveries(self._metrics, ack_seconds)
        self._opened: dict[str, float] = {}
        self._lost: dict[str, float] = {}

    def hooks(self) -> Iterator[Hooked]:
        client = self._client
        yield client, "connect", self.connect
        yield client, "_trigger_event", self.event
        yield client, "emit", self.emit
        yield client, "call", hooks.call_waits(_CALL_TIMEOUT)

    def connect(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Telling:
        """The server goes on under the ids at hand."""
        headers = argument(args, kwargs, "headers", _CONNECT_HEADERS) or {}
        if not isinstance(headers, dict):
            return
        headers = {**ids(), **headers}
        if len(args) > _CONNECT_HEADERS:
            yield (*args[:_CONNECT_HEADERS], headers, *args[_CONNECT_HEADERS + 1 :]), kwargs
        else:
            yield args, {**kwargs, "headers": headers}

    def event(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Telling:
        event, namespace = args[0], argument(args, kwargs, "namespace", 1)
        rest = args[2:]
        if event == "connect":
            self._connected(namespace)
        elif event == "disconnect":
            self._disconnected(namespace, rest[0] if rest else "")
        elif event == "connect_error":
            self._metrics.connections.inc(route=namespace, outcome=REJECTED)
            say("warning", "socket refused", {"route": namespace, "reason": "refused"})
        elif not str(event).startswith(_INTERNAL):
            return self._handles(namespace, hooks.shown(event) or "", rest, args, kwargs)
        return iter(())  # type: ignore[return-value]

    def emit(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Telling:
        event = hooks.shown(argument(args, kwargs, "event", 0)) or ""
        route = argument(args, kwargs, "namespace", 2) or "/"
        arguments, delivery = hooks.with_delivery(self._deliveries, event, route, _ALL, (args, kwargs), _EMIT_CALLBACK)
        _, error = yield arguments
        if error is None:
            self._metrics.messages.inc(route=route, direction=SENT, event=event)
        elif delivery is not None:
            self._deliveries.not_sent(delivery)

    def _connected(self, route: str) -> None:
        self._opened[route] = perf_counter()
        self._metrics.active.add(1, route=route)
        self._metrics.connections.inc(route=route, outcome=ACCEPTED)
        fields: dict[str, Any] = {"route": route, "transport": self._client.transport()}
        lost = self._lost.pop(route, None)
        if lost is not None:
            self._metrics.reconnects.inc(route=route)
            fields |= {"reconnected": True, "away_ms": round((perf_counter() - lost) * 1000, 3)}
        say("info", "socket connected", fields)

    def _disconnected(self, route: str, reason: str) -> None:
        opened = self._opened.pop(route, None)
        if opened is None:
            return
        by = CLIENT if reason == "client disconnect" else SERVER
        if by is not CLIENT:
            self._lost[route] = perf_counter()
        undelivered = self._deliveries.lost(_ALL) or 0
        self._metrics.active.add(-1, route=route)
        reason = reason.replace(" ", "_")
        self._metrics.disconnects.inc(route=route, by=by, reason=reason)
        fields: dict[str, Any] = {"route": route, "by": by, "reason": reason, "undelivered": undelivered}
        fields["duration_ms"] = round((perf_counter() - opened) * 1000, 3)
        say("info" if by is CLIENT else "warning", "socket disconnected", fields)

    def _handles(
        self, route: str, event: str, payloads: tuple[Any, ...], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Telling:
        self._metrics.messages.inc(route=route, direction=RECEIVED, event=event)
        at_hand = context.current()
        if not at_hand.correlation_id:
            at_hand = context.Context(context.new_id(), "", at_hand.fields)
        work, parent, links = hooks.goes_on(payloads, at_hand, otel_context.get_current())
        kind = hooks.kind_of_event(route, event, SpanKind.CONSUMER, correlation_id=work.correlation_id)
        with hooks.within(work, parent, f"EVENT {event}", links=links, **kind) as span:
            started = perf_counter()
            outcome = yield args, kwargs
            hooks.handle(self._metrics, span, route, event, started, outcome, handled=True)
