"""A span that is also timed by how it ended: what jobs and steps have in common."""

from asyncio import CancelledError
from collections.abc import Mapping
from time import perf_counter
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode

from midwatch.contract.redaction.said import safe_text
from midwatch.sdk.context import reset
from midwatch.sdk.guard import Guard
from midwatch.sdk.options import LEVELS
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.setup import in_force

DEBUG = "debug"
SUCCEEDED, FAILED, CANCELLED = "succeeded", "failed", "cancelled"

guard = Guard("jobs", PROBLEMS)
_TRACER = trace.get_tracer("midwatch.jobs")


class Timed:
    """Begins with being made; `end` tells how, and how long it took."""

    __slots__ = ("_span", "_started", "_token", "_what")

    def __init__(
        self,
        what: str,
        name: str,
        attributes: Mapping[str, Any],
        kind: SpanKind = SpanKind.INTERNAL,
        parent: otel_context.Context | None = None,
    ) -> None:
        """`what` it is, a job or a step, begins the names of its span and attributes."""
        self._what = what
        self._span = _TRACER.start_span(f"{what} {name}", parent, kind, attributes)
        self._token = otel_context.attach(trace.set_span_in_context(self._span, parent))
        self._started = perf_counter()

    def end(self, error: BaseException | None) -> tuple[str, float]:
        """The status and the seconds. The span stays the current one until `leave`, for the line that tells of it."""
        seconds = perf_counter() - self._started
        status = status_of(error)
        self._span.set_attribute(f"{self._what}.status", status)
        if error is not None and status == FAILED:
            self._span.set_attribute("error.type", type(error).__qualname__)
            self._span.record_exception(error)
            self._span.set_status(StatusCode.ERROR, f"{type(error).__name__}: {safe_text(error)}")
        return status, seconds

    def leave(self) -> None:
        try:
            self._span.end()
        finally:
            reset(self._token)


def status_of(error: BaseException | None) -> str:
    if error is None:
        return SUCCEEDED
    return CANCELLED if isinstance(error, CancelledError | GeneratorExit) else FAILED


def say(level: str, message: str, fields: Mapping[str, Any], error: BaseException | None = None) -> None:
    """A line of ours, where lines of its level are asked for or it tells of a failure; nothing before `init`."""
    running = in_force()
    if running is None:
        return
    if error is not None or LEVELS.index(level) >= LEVELS.index(running.options.log_level):
        running.logs.emit(level, message, fields, logger="midwatch.jobs", error=error)
