"""Spans that say to which story they belong, whichever instrumentation has begun them."""

from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span, SpanProcessor

from midwatch.sdk.context import current

CORRELATION_ID = "correlation_id"


class Stamping(SpanProcessor):
    """Puts the correlation id of the work at hand on what begins, unless it has one."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        correlation_id = current().correlation_id
        if correlation_id and CORRELATION_ID not in (span.attributes or ()):
            span.set_attribute(CORRELATION_ID, correlation_id)
