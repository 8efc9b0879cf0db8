"""What servers and clients of Socket.IO have in common: hooks around their methods, and events that are handled."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import Link, Span, SpanKind, StatusCode, get_current_span, set_span_in_context

from midwatch.sdk import context
from midwatch.sdk.guard import guarded
from midwatch.sdk.integrations.socketio_deliveries import LOGGER, Deliveries, Delivery, say
from midwatch.sdk.log_lines import type_name
from midwatch.sdk.messages import carried_by
from midwatch.sdk.propagation import BAGGAGE, CORRELATION_ID, REQUEST_ID, TRACE_ID, extract
from midwatch.sdk.web import SLOW_SECONDS
from midwatch.sdk.web_socket_metrics import EventMetrics

Arguments = tuple[tuple[Any, ...], dict[str, Any]]
Outcome = tuple[Any, BaseException | None]
Hook = Callable[[tuple[Any, ...], dict[str, Any]], Generator[Arguments, Outcome, None]]
"""Around a call: yields what the call is to be given, and gets what it returned or raised. One that yields nothing
leaves the call as it is."""
Hooked = tuple[Any, str, Hook]

HANDLED, FAILED, NOT_HANDLED = "handled", "failed", "not_handled"
OTHER = "_other"
EVENT_MAX = 100
"""Characters of an event's name."""

_tracer = trace.get_tracer(LOGGER)
_call_seconds: ContextVar[float | None] = ContextVar("midwatch.socketio.call", default=None)


def argument(args: tuple[Any, ...], kwargs: dict[str, Any], name: str, position: int) -> Any:
    return kwargs[name] if name in kwargs else args[position] if len(args) > position else None


@contextmanager
def within(work: context.Context, parent: otel_context.Context, name: str, **more: Any) -> Iterator[Span]:
    """A span, and the context of its lines; for hooks, which suspend inside of it while the app's code runs."""
    span = _tracer.start_span(name, parent, **more)
    entered, token = context.enter(work), otel_context.attach(set_span_in_context(span, parent))
    try:
        yield span
    finally:
        span.end()
        if context.leave(entered):
            context.reset(token)


def goes_on(
    payloads: tuple[Any, ...], work: context.Context, parent: otel_context.Context
) -> tuple[context.Context, otel_context.Context, tuple[Link, ...]]:
    """The context of an event: that of its connection, but for the ids that came with the event itself."""
    carried = next(filter(None, map(carried_by, payloads)), {})
    if not carried:
        return context.Context(work.correlation_id, context.new_id(), work.fields), parent, ()
    arrived = extract(carried)
    correlation = work.correlation_id
    if {CORRELATION_ID, TRACE_ID, BAGGAGE} & carried.keys() or not correlation:
        correlation = arrived.context.correlation_id
    request = context.sound_id(carried.get(REQUEST_ID, "")) or context.new_id()
    links: tuple[Link, ...] = ()
    if get_current_span(arrived.parent).get_span_context().trace_id:
        links, parent = (Link(get_current_span(parent).get_span_context()),), arrived.parent
    return context.Context(correlation, request, work.fields), parent, links


def handle(
    metrics: EventMetrics, span: Span, route: str, event: str, started: float, outcome: Outcome, *, handled: bool
) -> None:
    """What is told when the handler is done, while its context is in force."""
    seconds, (_, error) = perf_counter() - started, outcome
    status = FAILED if error is not None else HANDLED if handled else NOT_HANDLED
    metrics.handled.observe(seconds, route=route, event=event, status=status)
    span.set_attribute("socketio.status", status)
    if error is None and seconds < SLOW_SECONDS:
        return
    fields = {"route": route, "event": event, "status": status, "duration_ms": round(seconds * 1000, 3)}
    if error is not None:
        span.record_exception(error)
        span.set_attribute("error.type", type_name(error))
        span.set_status(StatusCode.ERROR)
        if isinstance(error, Exception):
            say("error", "event failed", fields, error)
    else:
        say("warning", "event handled", {**fields, "slow": True})


def kind_of_event(route: str, event: str, kind: SpanKind = SpanKind.SERVER, /, **more: Any) -> dict[str, Any]:
    attributes = {
        "messaging.system": "socketio",
        "messaging.operation.name": "process",
        "messaging.destination.name": route,
        "socketio.event": event,
        **more,
    }
    return {"kind": kind, "attributes": attributes}


def call_waits(position: int) -> Hook:
    """`call` says how long it waits for the acknowledgement; `timeout` stands at `position`."""

    def call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Generator[Arguments, Outcome, None]:
        seconds = argument(args, kwargs, "timeout", position)
        token = _call_seconds.set(60.0 if seconds is None else float(seconds))
        yield args, kwargs
        context.reset(token)

    return call


def with_delivery(
    deliveries: Deliveries, event: str, route: str, to: str, arguments: Arguments, position: int
) -> tuple[Arguments, Delivery | None]:
    """An `emit` whose callback, at `position`, is told of; None where it has none."""
    args, kwargs = arguments
    callback = argument(args, kwargs, "callback", position)
    if callback is None:
        return arguments, None
    delivery = deliveries.sent(event, route, to, _call_seconds.get())
    if delivery is None:
        return arguments, None
    told = deliveries.told(delivery, callback)
    if "callback" in kwargs:
        return (args, {**kwargs, "callback": told}), delivery
    return ((*args[:position], told, *args[position + 1 :]), kwargs), delivery


@guarded
def shown(event: Any) -> str:
    return str(event)[:EVENT_MAX]
