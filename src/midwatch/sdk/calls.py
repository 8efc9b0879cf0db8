"""Calls that the app makes to others: a span around each, in force while the call lasts."""

from contextvars import Token
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context

from midwatch.contract.redaction.said import safe_text
from midwatch.sdk.log_lines import type_name

FAILED = Status(StatusCode.ERROR)


@dataclass(slots=True)
class Call:
    """A call that is being made."""

    span: Span
    token: Token[otel_context.Context]
    started: float


def begin(tracer: Tracer, name: str, kind: SpanKind, attributes: dict[str, Any]) -> Call:
    """From here on the new span is the current one, until `end` in the same task."""
    span = tracer.start_span(name, kind=kind, attributes=attributes)
    return Call(span, otel_context.attach(set_span_in_context(span)), perf_counter())


def end(call: Call, error: BaseException | None = None) -> float:
    """How many seconds it took."""
    seconds = perf_counter() - call.started
    span = call.span
    if error is not None and span.is_recording():
        span.set_attribute("error.type", type_name(error))
        span.set_status(Status(StatusCode.ERROR, f"{type_name(error)}: {safe_text(error)}"))
    span.end()
    otel_context.detach(call.token)
    return seconds
