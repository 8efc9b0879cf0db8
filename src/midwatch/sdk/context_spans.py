"""Spans that say to which story they belong, whichever instrumentation has begun them."""

from opentelemetry.context import Context, get_current
from opentelemetry.sdk.trace import Span, SpanProcessor
from opentelemetry.trace import INVALID_SPAN, set_span_in_context
from opentelemetry.trace import Span as ApiSpan

from midwatch.contract.fields import PROBE
from midwatch.sdk.context import current

CORRELATION_ID = "correlation_id"
_SPAN = next(iter(set_span_in_context(INVALID_SPAN, Context())))
"""The key under which OpenTelemetry keeps the span at hand."""


def span_at_hand() -> ApiSpan:
    """As `get_current_span`, without asking what it is: that costs more than all the rest of it."""
    span: ApiSpan | None = get_current().get(_SPAN)  # type: ignore[assignment]
    return INVALID_SPAN if span is None else span


class Stamping(SpanProcessor):
    """Puts the correlation id of the work at hand on what begins, unless it has one."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        work = current()
        correlation_id = work.correlation_id
        if correlation_id and CORRELATION_ID not in (span.attributes or ()):
            span.set_attribute(CORRELATION_ID, correlation_id)
        if work.fields and PROBE in work.fields:
            span.set_attribute(PROBE, True)
