"""What an app's SDK sent to a sink, read with the generated classes of opentelemetry-proto."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.unit.sdk.sink import Sink

KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")


@dataclass(frozen=True)
class Span:
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    seconds: float
    failed: bool
    attributes: dict[str, Any]
    events: list[dict[str, Any]]
    links: list[str]
    """The ids of the spans that it points at."""
    resource: dict[str, Any]


@dataclass(frozen=True)
class Line:
    level: str
    message: str
    trace_id: str
    span_id: str
    attributes: dict[str, Any]
    resource: dict[str, Any]


@dataclass(frozen=True)
class Point:
    name: str
    labels: dict[str, Any]
    value: float
    """A histogram's is how many it counted."""
    instance: str


class Heard:
    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def spans(self, name: str = "") -> list[Span]:
        return [one for one in self._spans() if name in ("", one.name)]

    def lines(self, message: str = "") -> list[Line]:
        return [one for one in self._lines() if message in ("", one.message)]

    def points(self, name: str, **labels: Any) -> list[Point]:
        """The newest of each series, by instance."""
        newest = {
            (one.instance, str(one.labels)): one
            for one in self._points()
            if one.name == name and labels.items() <= one.labels.items()
        }
        return list(newest.values())

    def all_bytes(self) -> bytes:
        return b"".join(body for _, _, body in self._sink.requests)

    def _spans(self) -> Iterator[Span]:
        for body in self._sink.bodies("traces"):
            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in group.scope_spans:
                    for span in scope.spans:
                        yield Span(
                            span.name,
                            KINDS[span.kind],
                            span.trace_id.hex(),
                            span.span_id.hex(),
                            span.parent_span_id.hex(),
                            (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                            span.status.code == 2,
                            _plain(span.attributes),
                            [{"name": one.name, **_plain(one.attributes)} for one in span.events],
                            [one.span_id.hex() for one in span.links],
                            _plain(group.resource.attributes),
                        )

    def _lines(self) -> Iterator[Line]:
        for body in self._sink.bodies("logs"):
            for group in ExportLogsServiceRequest.FromString(body).resource_logs:
                for scope in group.scope_logs:
                    for record in scope.log_records:
                        yield Line(
                            record.severity_text,
                            record.body.string_value,
                            record.trace_id.hex(),
                            record.span_id.hex(),
                            _plain(record.attributes),
                            _plain(group.resource.attributes),
                        )

    def _points(self) -> Iterator[Point]:
        for body in self._sink.bodies("metrics"):
            for group in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                instance = _plain(group.resource.attributes).get("service.instance.id", "")
                for scope in group.scope_metrics:
                    for metric in scope.metrics:
                        for point in getattr(metric, metric.WhichOneof("data")).data_points:
                            value = point.count if metric.HasField("histogram") else point.as_double or point.as_int
                            yield Point(metric.name, _plain(point.attributes), value, instance)


def _plain(attributes: Any) -> dict[str, Any]:
    return {one.key: _value(one.value) for one in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    if kind == "kvlist_value":
        return _plain(value.kvlist_value.values)
    return getattr(value, kind) if kind else None
