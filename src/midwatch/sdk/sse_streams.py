"""Answers that last as long as somebody listens: how many there are, how long they last, who ends them.

A stream was answered when its head went out: that is the duration of the request and of its span. How long it lasts
then says how long the client stayed: the slowest requests of a day would otherwise be those of who likes us most.
"""

from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter

from opentelemetry import context as otel_context
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, set_span_in_context

from midwatch.sdk.log_lines import type_name
from midwatch.sdk.metrics import Metrics

MEDIA_TYPE = "text/event-stream"
CLIENT, SERVER = "client", "server"
TYPES_MAX = 256
"""Content types that are remembered; every answer has one of few."""
LIFE_BUCKETS = (1.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)
"""Seconds."""


@dataclass(slots=True)
class Stream:
    """One that is open."""

    route: str
    span: Span
    started: float
    sent: int = 0
    """Pieces of its body; as a rule an event is one."""


class Streams:
    """`http_active_streams`, `http_stream_duration_seconds`, and a span for each."""

    def __init__(self, metrics: Metrics) -> None:
        self._active = metrics.gauge("http_active_streams", "Streams of events that are open", ("route",))
        self._durations = metrics.histogram(
            "http_stream_duration_seconds", "How long streams of events last", ("route", "by"), LIFE_BUCKETS
        )

    def open(self, tracer: Tracer, method: str, route: str) -> Stream:
        """Its span is the current one from here on, as long as the request's context lasts."""
        self._active.add(1, route=route)
        span = tracer.start_span(f"STREAM {route or method}", kind=SpanKind.INTERNAL)
        otel_context.attach(set_span_in_context(span))
        return Stream(route, span, perf_counter())

    def close(self, stream: Stream, error: BaseException | None, *, client_gone: bool) -> dict[str, object]:
        """What the line that tells of it has; the span is to be ended by the caller."""
        seconds, by = perf_counter() - stream.started, CLIENT if client_gone else SERVER
        self._active.add(-1, route=stream.route)
        self._durations.observe(seconds, route=stream.route, by=by)
        stream.span.set_attribute("stream.ended_by", by)
        stream.span.set_attribute("stream.sent", stream.sent)
        if error is not None:
            stream.span.record_exception(error)
            stream.span.set_attribute("error.type", type_name(error))
            stream.span.set_status(StatusCode.ERROR)
        return {"by": by, "sent": stream.sent, "duration_ms": round(seconds * 1000, 3)}


@lru_cache(TYPES_MAX)
def is_stream(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == MEDIA_TYPE
