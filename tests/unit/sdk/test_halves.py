"""Requests in two halves: read with the classes of opentelemetry-proto, each item is in one of them, under its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from midwatch.sdk.wire.halves import halves


def logs(shape: list[list[int]]) -> ExportLogsServiceRequest:
    """A resource per list, a scope per number with so many records."""
    request = ExportLogsServiceRequest()
    for number, scopes in enumerate(shape):
        entry = request.resource_logs.add(schema_url=f"r{number}")
        entry.resource.attributes.add(key="service.name").value.string_value = f"s{number}"
        for at, records in enumerate(scopes):
            scope = entry.scope_logs.add(schema_url=f"sc{at}")
            scope.scope.name = f"scope {number}.{at}"
            for record in range(records):
                scope.log_records.add(time_unix_nano=1 << 60).body.string_value = f"{number}.{at}.{record}"
    return request


def told(request: ExportLogsServiceRequest) -> Iterator[tuple[Any, ...]]:
    for entry in request.resource_logs:
        for scope in entry.scope_logs:
            for one in scope.log_records:
                resource = entry.resource.attributes[0].value.string_value
                yield resource, entry.schema_url, scope.scope.name, scope.schema_url, one.SerializeToString()


@pytest.mark.parametrize("shape", [[[2]], [[7]], [[1], [1]], [[1, 1]], [[3, 0, 4], [], [1, 5]]])
def test_the_halves_hold_what_the_whole_did(shape: list[list[int]]) -> None:
    """In order, each item once, under its own resource and scope."""
    whole = logs(shape)
    (first, first_items), (second, second_items) = halves(whole.SerializeToString())
    found = [list(told(ExportLogsServiceRequest.FromString(one))) for one in (first, second)]
    assert found[0] + found[1] == list(told(whole))
    assert [len(one) for one in found] == [first_items, second_items]
    assert abs(first_items - second_items) <= 1


@pytest.mark.parametrize("shape", [[], [[]], [[0, 0]], [[1]]])
def test_what_has_no_two_items_has_no_halves(shape: list[list[int]]) -> None:
    assert halves(logs(shape).SerializeToString()) == ()


def test_spans_and_metrics_have_halves_too() -> None:
    spans = ExportTraceServiceRequest()
    scope = spans.resource_spans.add().scope_spans.add()
    metrics = ExportMetricsServiceRequest()
    of_metrics = metrics.resource_metrics.add().scope_metrics.add()
    for name in ("a", "b", "c"):
        scope.spans.add(name=name)
        of_metrics.metrics.add(name=name).sum.data_points.add(as_double=1.5)
    (first, _), (second, _) = halves(spans.SerializeToString())
    parts = [
        ExportTraceServiceRequest.FromString(one).resource_spans[0].scope_spans[0].spans for one in (first, second)
    ]
    assert [[one.name for one in part] for part in parts] == [["a"], ["b", "c"]]
    (first, _), (second, _) = halves(metrics.SerializeToString())
    found = ExportMetricsServiceRequest.FromString(first + second)
    assert [one.scope_metrics[0].metrics[0].name for one in found.resource_metrics] == ["a", "b"]


@given(st.binary(max_size=200))
def test_other_bytes_are_said_to_be_none(body: bytes) -> None:
    """Nothing but ValueError, whatever the bytes."""
    try:
        halves(body)
    except ValueError:
        return
