"""The three requests of OTLP, and what of them can be checked without looking at items (opentelemetry-proto 1.x)."""

from dataclasses import dataclass

from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from midwatch.server.model.signal import SegmentKind


class BadMessage(Exception):
    """The bytes are not the message that they should be."""


@dataclass(frozen=True, slots=True)
class OtlpKind:
    kind: SegmentKind
    path: str
    """HTTP path, and the last part of the gRPC service's name in `service`."""
    service: str
    request: type[Message]
    response: type[Message]
    resources: str
    scopes: str
    items: str


KINDS = (
    OtlpKind(
        SegmentKind.OTLP_TRACES,
        "/v1/traces",
        "opentelemetry.proto.collector.trace.v1.TraceService",
        ExportTraceServiceRequest,
        ExportTraceServiceResponse,
        "resource_spans",
        "scope_spans",
        "spans",
    ),
    OtlpKind(
        SegmentKind.OTLP_LOGS,
        "/v1/logs",
        "opentelemetry.proto.collector.logs.v1.LogsService",
        ExportLogsServiceRequest,
        ExportLogsServiceResponse,
        "resource_logs",
        "scope_logs",
        "log_records",
    ),
    OtlpKind(
        SegmentKind.OTLP_METRICS,
        "/v1/metrics",
        "opentelemetry.proto.collector.metrics.v1.MetricsService",
        ExportMetricsServiceRequest,
        ExportMetricsServiceResponse,
        "resource_metrics",
        "scope_metrics",
        "metrics",
    ),
)


def count_items(otlp: OtlpKind, body: bytes) -> int:
    """Check a body with protobuf's C parser and count its items; no item becomes a Python object.

    Raises:
        BadMessage: not this message: damaged, invalid UTF-8, nested too deeply, or another message altogether.
    """
    message = otlp.request()
    try:
        message.ParseFromString(body)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadMessage(f"expected {otlp.request.DESCRIPTOR.full_name}: {error}") from None
    resources = getattr(message, otlp.resources)
    if body and not resources and len(UnknownFieldSet(message)):
        raise BadMessage(f"expected {otlp.request.DESCRIPTOR.full_name}: none of its fields is there")
    return sum(len(getattr(scope, otlp.items)) for resource in resources for scope in getattr(resource, otlp.scopes))
