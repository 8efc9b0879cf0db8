"""Metrics of the OpenTelemetry Python SDK: every instrument and aggregation, over HTTP and gRPC, packed and plain."""

import time
import uuid
from collections.abc import Iterable
from typing import Any

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetricExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetricExporter
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import AlwaysOnExemplarFilter, Counter, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import (
    ExplicitBucketHistogramAggregation,
    ExponentialBucketHistogramAggregation,
    View,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from tests.conftest import KEY, Server
from tests.eventually import eventually

pytestmark = pytest.mark.thorough

HEADERS = {"authorization": f"Bearer {KEY}"}
ATTRIBUTES = {"plan": "free", "retries": 2, "ratio": 0.5, "warm": False, "tags": ["a", "b"], "sizes": [1, 2]}
COLUMNS = {
    "MetricName": "name",
    "toString(MetricType)": "type",
    "toString(Temporality)": "temporality",
    "IsMonotonic": "monotonic",
    "IsInt": "is_int",
    "Value": "value",
    "ValueInt": "value_int",
    "Unit": "unit",
    "Description": "description",
    "Attributes": "attributes",
    "AttributeTypes": "types",
    "Count": "count",
    "Sum": "sum",
    "Min": "min",
    "Max": "max",
    "BucketCounts": "buckets",
    "ExplicitBounds": "bounds",
    "ZeroCount": "zeros",
    "PositiveBucketCounts": "positive",
    "toUnixTimestamp64Nano(Timestamp)": "time",
    "toUnixTimestamp64Nano(StartTimestamp)": "start",
    "`Exemplars.Value`": "exemplar_values",
    "`Exemplars.TraceId`": "exemplar_traces",
    "`Exemplars.SpanId`": "exemplar_spans",
}


def exporter(server: Server, transport: str) -> MetricExporter:
    temporality = {Counter: AggregationTemporality.DELTA} if transport.endswith("delta") else None
    if transport.startswith("http"):
        compression = Compression.Gzip if "gzip" in transport else Compression.NoCompression
        url = f"{server.otlp_http_url}/v1/metrics"
        return HttpMetricExporter(url, headers=HEADERS, compression=compression, preferred_temporality=temporality)
    packed = grpc.Compression.Gzip if "gzip" in transport else grpc.Compression.NoCompression
    return GrpcMetricExporter(
        server.otlp_grpc_url,
        insecure=True,
        headers=tuple(HEADERS.items()),
        compression=packed,
        preferred_temporality=temporality,
    )


def measure(meters: MeterProvider, traces: TracerProvider) -> tuple[str, str]:
    """Use every instrument once; the ids of the span in which the histogram was recorded."""
    meter = meters.get_meter("tests", "1.2.3")
    meter.create_counter("orders", unit="{order}", description="Orders taken").add(3, ATTRIBUTES)
    meter.create_up_down_counter("carts.open").add(-2)
    meter.create_gauge("queue.depth", unit="1").set(0.25)
    meter.create_observable_counter("cpu.time", [observed(1.5)])
    meter.create_observable_up_down_counter("threads", [observed(7)])
    meter.create_observable_gauge("memory", [observed(123456789012345)])
    duration, size = meter.create_histogram("job.duration", unit="s"), meter.create_histogram("job.size")
    with traces.get_tracer("tests").start_as_current_span("job") as span:
        for value in (0.05, 0.5, 5.0):
            duration.record(value)
    for number in (0, 1, 2, 4):
        size.record(number)
    context = span.get_span_context()
    return f"{context.trace_id:032x}", f"{context.span_id:016x}"


def observed(value: float) -> Any:
    def observe(_options: CallbackOptions) -> Iterable[Observation]:
        yield Observation(value, {"host": "a"})

    return observe


@pytest.mark.parametrize("transport", ["http", "http gzip delta", "grpc", "grpc gzip delta"])
def test_every_instrument_arrives_with_its_values(server: Server, transport: str) -> None:
    """Kinds, temporality, values, types of attributes, times and exemplars."""
    service, before = f"metrics-{uuid.uuid4().hex[:8]}", time.time_ns()
    meters = MeterProvider(
        resource=Resource.create({"service.name": service}),
        metric_readers=[PeriodicExportingMetricReader(exporter(server, transport), export_interval_millis=3_600_000)],
        views=[
            View(instrument_name="job.duration", aggregation=ExplicitBucketHistogramAggregation((0.1, 1))),
            View(instrument_name="job.size", aggregation=ExponentialBucketHistogramAggregation()),
        ],
        exemplar_filter=AlwaysOnExemplarFilter(),
    )
    trace_id, span_id = measure(meters, TracerProvider())
    meters.shutdown()
    after = time.time_ns()
    points = eventually(lambda: points_of(server, service))

    orders = points["orders"]
    temporality = "delta" if transport.endswith("delta") else "cumulative"
    keys = ("type", "temporality", "monotonic", "is_int", "value_int", "unit", "description")
    assert [orders[key] for key in keys] == ["sum", temporality, True, True, 3, "{order}", "Orders taken"]
    types = {"plan": 1, "retries": 3, "ratio": 4, "warm": 2, "tags": 5, "sizes": 5}
    assert dict(zip(orders["attributes"], orders["types"], strict=True)) == types
    assert (orders["attributes"]["tags"], orders["attributes"]["warm"]) == ('["a","b"]', "false")
    assert before <= int(orders["start"]) <= int(orders["time"]) <= after

    kinds = {name: (point["type"], point["monotonic"], point["value"]) for name, point in points.items()}
    assert kinds["carts.open"] == ("sum", False, -2)
    assert kinds["queue.depth"] == ("gauge", False, 0.25)
    assert kinds["cpu.time"] == ("sum", True, 1.5)
    assert kinds["threads"] == ("sum", False, 7)
    assert (kinds["memory"][0], int(points["memory"]["value_int"])) == ("gauge", 123456789012345)

    duration = points["job.duration"]
    assert [duration[key] for key in ("type", "count", "sum", "min", "max")] == ["histogram", 3, 5.55, 0.05, 5.0]
    assert (duration["buckets"], duration["bounds"]) == ([1, 1, 1], [0.1, 1.0])
    assert sorted(duration["exemplar_values"]) == [0.05, 0.5, 5.0]
    assert set(duration["exemplar_traces"]) == {trace_id}
    assert set(duration["exemplar_spans"]) == {span_id}

    size = points["job.size"]
    assert [size[key] for key in ("type", "count", "sum", "zeros")] == ["exponential_histogram", 4, 7, 1]
    assert sum(size["positive"]) == 3


def points_of(server: Server, service: str) -> dict[str, dict[str, Any]] | None:
    """By name, when all eight are there."""
    query = f"SELECT {', '.join(COLUMNS)} FROM metric_points WHERE ServiceName = '{service}'"
    with server.api() as api:
        answer = api.post("/api/v1/sql", json={"query": query})
        assert answer.status_code == 200, answer.text
    rows = [dict(zip(COLUMNS.values(), row, strict=True)) for row in answer.json()["rows"]]
    return {row["name"]: row for row in rows} if len(rows) == 8 else None
