"""Messages of Socket.IO that ask for an acknowledgement: how long it took, and which never came."""

import threading
from asyncio import get_running_loop
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from inspect import iscoroutinefunction
from time import perf_counter
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, StatusCode, set_span_in_context

from midwatch.sdk.deadlines import Deadline, Deadlines
from midwatch.sdk.guard import guarded
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.setup import in_force
from midwatch.sdk.threads import Carried
from midwatch.sdk.web_socket_metrics import FAILED, LOST, NOT_ACKNOWLEDGED, EventMetrics

LOGGER = "midwatch.socketio"
ACK_SECONDS = 30.0
"""How long an acknowledgement is waited for where the app does not say; a browser in the background takes seconds."""

_deadlines = Deadlines(PROBLEMS)
_tracer = trace.get_tracer(LOGGER)


@dataclass(slots=True, eq=False)
class Delivery:
    """A message on its way."""

    event: str
    route: str
    to: str
    span: Span
    carried: Carried
    """What was at hand when it was sent."""
    started: float
    deadline: Deadline | None = None
    over: bool = False


class Deliveries:
    """Of one server or client. Any thread may call; what is waited for is bounded by `Deadlines`."""

    def __init__(self, metrics: EventMetrics, ack_seconds: float) -> None:
        self._metrics = metrics
        self._seconds = ack_seconds
        self._lock = threading.Lock()
        self._waiting: dict[str, set[Delivery]] = {}
        """By who is to acknowledge."""

    @guarded
    def sent(self, event: str, route: str, to: str, seconds: float | None) -> Delivery | None:
        """From here on it is waited for, for as long as the app said or else we say."""
        attributes = {
            "messaging.system": "socketio",
            "messaging.operation.name": "send",
            "messaging.destination.name": route,
            "socketio.event": event,
        }
        span = _tracer.start_span(f"send {event}", kind=SpanKind.PRODUCER, attributes=attributes)
        made = Delivery(event, route, to, span, Carried(set_span_in_context(span)), perf_counter())
        with self._lock:
            self._waiting.setdefault(to, set()).add(made)
        made.deadline = _deadlines.add(
            self._seconds if seconds is None else seconds, lambda: self._failed(made, NOT_ACKNOWLEDGED)
        )
        if made.deadline is None:
            self._end(made)
            span.end()
        return made

    def told(self, delivery: Delivery, callback: Callable[..., Any]) -> Callable[..., Any]:
        """The app's callback under the context of who sent the message, and what is told before."""
        if iscoroutinefunction(callback):

            async def acknowledged_in_async(*answer: Any) -> Any:
                self.acknowledged(delivery)
                context = copy_context()
                context.run(delivery.carried.enter)
                return await get_running_loop().create_task(callback(*answer), context=context)

            return acknowledged_in_async

        def acknowledged(*answer: Any) -> Any:
            self.acknowledged(delivery)
            return delivery.carried.run(callback, *answer)

        return acknowledged

    @guarded
    def acknowledged(self, delivery: Delivery) -> None:
        seconds = perf_counter() - delivery.started
        self._metrics.acknowledged.observe(seconds, route=delivery.route, event=delivery.event)
        if self._end(delivery):
            _deadlines.cancel(delivery.deadline)
            delivery.span.end()

    @guarded
    def lost(self, to: str) -> int:
        """Who was to acknowledge is gone; how many messages that leaves without."""
        with self._lock:
            waiting = list(self._waiting.get(to, ()))
        for one in waiting:
            _deadlines.cancel(one.deadline)
            self._failed(one, LOST)
        return len(waiting)

    @guarded
    def not_sent(self, delivery: Delivery) -> None:
        """The app's `emit` has raised."""
        _deadlines.cancel(delivery.deadline)
        self._failed(delivery, FAILED)

    def _end(self, delivery: Delivery) -> bool:
        """False where it has ended already."""
        with self._lock:
            if delivery.over:
                return False
            delivery.over = True
            waiting = self._waiting.get(delivery.to)
            if waiting is not None:
                waiting.discard(delivery)
                if not waiting:
                    del self._waiting[delivery.to]
            return True

    def _failed(self, delivery: Delivery, reason: str) -> None:
        if not self._end(delivery):
            return
        self._metrics.undelivered.inc(route=delivery.route, event=delivery.event, reason=reason)
        delivery.span.set_attribute("error.type", reason)
        delivery.span.set_status(StatusCode.ERROR)
        fields = {
            "route": delivery.route,
            "event": delivery.event,
            "sid": delivery.to,
            "reason": reason,
            "waited_ms": round((perf_counter() - delivery.started) * 1000, 3),
        }
        delivery.carried.run(say, "warning", "message not acknowledged", fields)
        delivery.span.end()


def say(level: str, message: str, fields: dict[str, Any], error: BaseException | None = None) -> None:
    running = in_force()
    if running is not None:
        running.logs.emit(level, message, fields, logger=LOGGER, error=error)
