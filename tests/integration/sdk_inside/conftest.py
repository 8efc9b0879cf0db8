"""A sink that takes what the SDK sends, and the SDK set up to send there."""

from collections.abc import Iterator

import pytest

import midwatch
from tests.otlp_sink import OtlpSink, running_sink


@pytest.fixture
def sink() -> Iterator[OtlpSink]:
    with running_sink() as sink:
        yield sink


@pytest.fixture
def sent(sink: OtlpSink, monkeypatch: pytest.MonkeyPatch) -> Iterator[OtlpSink]:
    """The sink after `midwatch.init`; `midwatch.flush()` brings there what waits."""
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "3600000")
    midwatch.init(service="worker", environment="test", dsn=sink.dsn)
    yield sink
    midwatch.shutdown()
