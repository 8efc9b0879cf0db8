"""Bodies and frames as senders and the write-ahead log make them."""

import time
import uuid
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.frames import FrameHeader, encode_frame


def frame(kind: SegmentKind, body: bytes, *, key_id: str = "k1", environment: str = "", received_ns: int = 0) -> bytes:
    header = FrameHeader(1, key_id, environment, received_ns or time.time_ns(), b"\0" * 16)
    return b"".join(bytes(part) for part in encode_frame(kind, header, body))


def any_value(value: Any) -> AnyValue:
    found = AnyValue()
    if isinstance(value, bool):
        found.bool_value = value
    elif isinstance(value, int):
        found.int_value = value
    elif isinstance(value, float):
        found.double_value = value
    elif isinstance(value, str):
        found.string_value = value
    elif isinstance(value, bytes):
        found.bytes_value = value
    elif isinstance(value, list):
        found.array_value.SetInParent()
        found.array_value.values.extend(any_value(item) for item in value)
    elif isinstance(value, dict):
        found.kvlist_value.SetInParent()
        put(found.kvlist_value.values, value)
    return found


def put(attributes: Any, values: dict[str, Any]) -> None:
    for key, value in values.items():
        attributes.add(key=key, value=any_value(value))


def span(**fields: Any) -> Span:
    """A span with ids and times, changed by `fields`; `attributes` is a dict."""
    attributes = fields.pop("attributes", {})
    now = time.time_ns()
    defaults = {
        "trace_id": uuid.uuid4().bytes,
        "span_id": uuid.uuid4().bytes[:8],
        "name": "GET /",
        "kind": 2,
        "start_time_unix_nano": now,
        "end_time_unix_nano": now + 5_000_000,
    }
    made = Span(**{**defaults, **fields})
    put(made.attributes, attributes)
    return made


def traces(*spans: Span, resource: dict[str, Any] | None = None) -> bytes:
    body = ExportTraceServiceRequest()
    resource_spans = body.resource_spans.add()
    put(resource_spans.resource.attributes, {"service.name": "api"} if resource is None else resource)
    scope = resource_spans.scope_spans.add()
    scope.scope.name, scope.scope.version = "scope", "1.0"
    scope.spans.extend(spans)
    return body.SerializeToString()


def record(**fields: Any) -> LogRecord:
    attributes, text = fields.pop("attributes", {}), fields.pop("body", "hello")
    made = LogRecord(**{"time_unix_nano": time.time_ns(), "severity_number": 9, **fields})
    made.body.CopyFrom(any_value(text))
    put(made.attributes, attributes)
    return made


def logs(*records: LogRecord, resource: dict[str, Any] | None = None) -> bytes:
    body = ExportLogsServiceRequest()
    resource_logs = body.resource_logs.add()
    put(resource_logs.resource.attributes, {"service.name": "api"} if resource is None else resource)
    resource_logs.scope_logs.add().log_records.extend(records)
    return body.SerializeToString()


def metrics_of_every_type() -> bytes:
    now, body = time.time_ns(), ExportMetricsServiceRequest()
    resource_metrics = body.resource_metrics.add()
    put(resource_metrics.resource.attributes, {"service.name": "api"})
    metrics = resource_metrics.scope_metrics.add().metrics
    metrics.add(name="gauge").gauge.data_points.add(as_int=7, time_unix_nano=now)
    counter = metrics.add(name="sum", unit="1").sum
    counter.aggregation_temporality, counter.is_monotonic = 2, True
    put(counter.data_points.add(as_double=1.5, time_unix_nano=now).attributes, {"k": "v", "api_key": "hush"})
    metrics.add(name="histogram").histogram.data_points.add(
        count=3, sum=4.5, bucket_counts=[1, 2], explicit_bounds=[1.0], time_unix_nano=now
    )
    point = metrics.add(name="exponential").exponential_histogram.data_points.add(count=3, scale=-2, time_unix_nano=now)
    point.positive.offset = -3
    point.positive.bucket_counts.extend([1, 2])
    summary = metrics.add(name="summary").summary.data_points.add(count=3, time_unix_nano=now)
    summary.quantile_values.add(quantile=0.5, value=9)
    return body.SerializeToString()
