"""OTLP bodies for tests, made with the official protobuf classes."""

import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span


def any_value(value: Any) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, bytes):
        return AnyValue(bytes_value=value)
    found = AnyValue()
    if isinstance(value, Mapping):
        found.kvlist_value.SetInParent()
        found.kvlist_value.values.extend(attributes(value))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        found.array_value.SetInParent()
        found.array_value.values.extend(any_value(item) for item in value)
    else:
        found.string_value = value
    return found


def attributes(values: Mapping[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in values.items()]


def span(**fields: Any) -> Span:
    """A server span of 20 ms that began now, unless the fields say otherwise."""
    now = time.time_ns()
    start = fields.pop("start_time_unix_nano", now)
    values = {
        "trace_id": os.urandom(16),
        "span_id": os.urandom(8),
        "name": "GET /things",
        "kind": Span.SPAN_KIND_SERVER,
        "start_time_unix_nano": start,
        "end_time_unix_nano": start + 20_000_000,
    }
    sent = fields.pop("attributes", {})
    return Span(**{**values, **fields}, attributes=attributes(sent))


def traces(service: str, spans: Sequence[Span], **resource: Any) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.extend(attributes({"service.name": service, **resource}))
    group.scope_spans.add().spans.extend(spans)
    return request


def logs(service: str, records: Sequence[Mapping[str, Any]], **resource: Any) -> ExportLogsServiceRequest:
    """Records as mappings: `body`, `attributes`, and the record's other fields."""
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.extend(attributes({"service.name": service, **resource}))
    scope = group.scope_logs.add()
    for record in records:
        fields = dict(record)
        body, sent = fields.pop("body", ""), fields.pop("attributes", {})
        fields.setdefault("time_unix_nano", time.time_ns())
        scope.log_records.add(**fields, body=any_value(body), attributes=attributes(sent))
    return request


def gauge(service: str, name: str, value: float) -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    group.resource.attributes.extend(attributes({"service.name": service}))
    metric = group.scope_metrics.add().metrics.add(name=name)
    metric.gauge.data_points.add(time_unix_nano=time.time_ns(), as_double=value)
    return request
