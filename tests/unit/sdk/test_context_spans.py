"""Every span says to which story it belongs."""

from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from midwatch.sdk.context import work
from midwatch.sdk.context_spans import Stamping


@pytest.fixture
def ended() -> Iterator[tuple[trace.Tracer, InMemorySpanExporter]]:
    """Of OpenTelemetry's own provider, as an app may have it."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Stamping())
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    yield provider.get_tracer("theirs"), exporter
    provider.shutdown()


def test_spans_of_any_instrumentation_carry_the_correlation_id(
    ended: tuple[trace.Tracer, InMemorySpanExporter],
) -> None:
    tracer, exporter = ended
    with work("order-77"), tracer.start_as_current_span("outer", attributes={"x": 1}):
        tracer.start_span("inner").end()
        tracer.start_span("given", attributes={"correlation_id": "own"}).end()
    tracer.start_span("alone").end()
    found = {one.name: (one.attributes or {}).get("correlation_id") for one in exporter.get_finished_spans()}
    assert found == {"outer": "order-77", "inner": "order-77", "given": "own", "alone": None}
