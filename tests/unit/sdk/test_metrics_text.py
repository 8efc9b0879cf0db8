"""The text formats, read back with the parsers of `prometheus_client`."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
    SummaryMetricFamily,
    UnknownMetricFamily,
)
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from midwatch.sdk import histograms
from midwatch.sdk.metrics import Metrics
from midwatch.sdk.problems import Problems
from midwatch.sdk.sampling import sampler_for
from midwatch.sdk.text_formats import OPENMETRICS, TEXT, content_type_for, takes_gzip, write
from midwatch.sdk.tracing import TracerProvider
from midwatch.sdk.wire.metrics import MetricEncoder
from midwatch.sdk.wire.resource import request, resource

PARSERS: list[tuple[str, Any]] = [(TEXT, parse_text), (OPENMETRICS, parse_openmetrics)]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", TEXT),
        ("*/*", TEXT),
        ("text/html,application/xhtml+xml,*/*;q=0.8", TEXT),
        ("text/plain", TEXT),
        ("text/plain;version=0.0.4;q=0.5,*/*;q=0.1", TEXT),
        ("application/json", TEXT),
        ("application/openmetrics-text", OPENMETRICS),
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", OPENMETRICS),
        ("application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OPENMETRICS),
        ("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;version=1.0.0;q=0.2", TEXT),
        ("application/openmetrics-text;version=2.0.0,text/plain;version=0.0.4;q=0.1", TEXT),
        ("application/openmetrics-text;q=0", TEXT),
        ("application/openmetrics-text;q=much", TEXT),
        # Prometheus 2.42 and 3.
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
            "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            OPENMETRICS,
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;"
            "version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,"
            "*/*;q=0.2",
            OPENMETRICS,
        ),
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,"
            "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            TEXT,
        ),
    ],
)
def test_the_best_format_of_those_asked_for_is_answered(accept: str, expected: str) -> None:
    """By quality; where none of them can be written, the one that everybody reads."""
    assert content_type_for(accept) == expected


@pytest.mark.parametrize(
    ("accept_encoding", "expected"),
    [
        ("", False),
        ("gzip", True),
        ("deflate, gzip;q=0.5", True),
        ("*", True),
        ("GZIP", True),
        ("gzip;q=0", False),
        ("gzip; q=0.0, identity", False),
        ("identity", False),
        ("zstd, br", False),
    ],
)
def test_gzip_is_sent_to_who_takes_it(accept_encoding: str, expected: bool) -> None:
    """RFC 9110: a quality of 0 refuses it."""
    assert takes_gzip(accept_encoding) is expected


@pytest.mark.parametrize(("content_type", "parse"), PARSERS)
@given(
    text=TEXTS,
    about=TEXTS,
    value=st.floats(allow_nan=False),
)
def test_any_label_and_number_is_read_back(content_type: str, parse: Any, text: str, about: str, value: float) -> None:
    """Quotes, backslashes, newlines, infinities, letters of any kind."""
    family = GaugeMetricFamily("any", about, labels=("label",))
    family.add_metric((text,), value)
    (read,) = parse(write([family], content_type).decode())
    assert [(one.labels, one.value) for one in read.samples] == [({"label": text}, value)]


@pytest.mark.parametrize(("content_type", "parse"), PARSERS)
def test_families_of_all_kinds_are_read_back(content_type: str, parse: Any) -> None:
    """Also those of other collectors in the app's process."""
    families: list[Metric] = [
        CounterMetricFamily("hits", "Hits", 3, created=1.0),
        SummaryMetricFamily("sizes", "Sizes", count_value=2, sum_value=9),
        InfoMetricFamily("build", "Build", {"version": "1.0"}),
        UnknownMetricFamily("odd", "Odd", math.nan),
    ]
    read = {one.name: one for one in parse(write(families, content_type).decode())}
    values = {sample.name: sample.value for family in read.values() for sample in family.samples}
    assert values.pop("odd") != values.get("odd")
    assert values == {"hits_total": 3.0, "sizes_count": 2.0, "sizes_sum": 9.0, "build_info": 1.0}
    assert read["hits"].type == "counter"


def test_a_name_is_written_once() -> None:
    """Where the app's registry and ours both have it, the first one counts: twice would be refused as a whole."""
    body = write([GaugeMetricFamily("one", "", 1), GaugeMetricFamily("one", "", 2)], TEXT)
    assert body == b"# HELP one \n# TYPE one gauge\none 1.0\n"


class Exemplified:
    def __init__(self, sample_rate: float) -> None:
        self.metrics = Metrics(CollectorRegistry(), Problems())
        self.made = self.metrics.histogram("took_seconds", "", ("a",), (1.0, 2.0))
        provider = TracerProvider(resource=Resource({}), sampler=sampler_for(sample_rate))
        self.tracer = provider.get_tracer("test")

    def exemplars(self) -> list[Any]:
        families = list(parse_openmetrics(write(self.metrics.collect(), OPENMETRICS).decode()))
        return [one.exemplar for family in families for one in family.samples if one.exemplar]


def test_a_bucket_has_the_trace_of_one_that_fell_into_it() -> None:
    """In OpenMetrics and in OTLP, where each exemplar is sent once; the older format has none."""
    there = Exemplified(1.0)
    encoder = MetricEncoder(0, {})
    with there.tracer.start_as_current_span("work") as span:
        there.made.record(1.5, a="x")
    context = span.get_span_context()
    (found,) = there.exemplars()
    assert found.labels == {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}
    assert found.value == 1.5
    assert b"trace_id" not in write(there.metrics.collect(), TEXT)

    def sent(now: int) -> list[Any]:
        body = request(encoder.resource_metrics(resource({}), there.metrics.collect(), now))
        metric = ExportMetricsServiceRequest.FromString(body).resource_metrics[0].scope_metrics[0].metrics[0]
        return list(metric.histogram.data_points[0].exemplars)

    (first,) = sent(int((float(found.timestamp) + 1) * 1e9))
    assert (first.trace_id.hex(), first.as_double) == (found.labels["trace_id"], 1.5)
    assert sent(int((float(found.timestamp) + 2) * 1e9)) == []


def test_a_trace_that_is_not_kept_is_no_exemplar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody could open it; and the next one that is kept is not missed for long."""
    now = 1000.0
    monkeypatch.setattr(histograms, "time", lambda: now)
    dropped = Exemplified(0.0)
    with dropped.tracer.start_as_current_span("work"):
        dropped.made.record(1.5, a="x")
    dropped.made.record(1.5, a="x")
    assert dropped.exemplars() == []
    now += histograms.LOOK_AGAIN_SECONDS
    kept = Exemplified(1.0)
    with kept.tracer.start_as_current_span("work"):
        dropped.made.record(1.6, a="x")
        dropped.made.record(1.7, a="x")
    assert [one.value for one in dropped.exemplars()] == [1.6]
    now += histograms.EXEMPLAR_SECONDS
    with kept.tracer.start_as_current_span("work"):
        dropped.made.record(1.8, a="x")
    assert [one.value for one in dropped.exemplars()] == [1.8]
    assert trace.get_current_span().get_span_context().trace_id == 0
