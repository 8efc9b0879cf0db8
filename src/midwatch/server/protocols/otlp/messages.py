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

UNKNOWN_FIELDS_MAX = 100
"""Looked at of one message, to tell another message from a newer one."""


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
    """Check a body with protobuf's C parser and count its items; of the items only the first becomes a Python object.

    Raises:
        BadMessage: not this message: damaged, invalid UTF-8, nested too deeply, or another message altogether.
    """
    message = otlp.request()
    try:
        message.ParseFromString(body)
    except (DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise BadMessage(
            f"expected protobuf {otlp.request.DESCRIPTOR.full_name}, at most 100 levels deep, text in UTF-8: {reason}"
        ) from None
    resources = getattr(message, otlp.resources)
    if not resources:
        if len(UnknownFieldSet(message)):
            raise BadMessage(f"expected {otlp.request.DESCRIPTOR.full_name}: none of its fields is there")
        return 0
    if (wrong := _other_message(otlp, message)) is not None:
        raise BadMessage(
            f"expected {otlp.request.DESCRIPTOR.full_name}: {wrong}; was another signal sent to {otlp.path}?"
        )
    return sum(len(getattr(scope, otlp.items)) for resource in resources for scope in getattr(resource, otlp.scopes))


def _other_message(otlp: OtlpKind, message: Message) -> str | None:
    """What shows, in the first item and what holds it, that these bytes were written as another message.

    A newer sender's fields have numbers that we do not know; numbers that we know with another wire type are no
    newer version of this message.
    """
    level: Message = message
    for name in ("", otlp.resources, otlp.scopes, otlp.items):
        if name:
            inner = getattr(level, name)
            if not inner:
                return None
            level = inner[0]
        known = level.DESCRIPTOR.fields_by_number
        unknowns = UnknownFieldSet(level)
        for unknown in (unknowns[index] for index in range(min(len(unknowns), UNKNOWN_FIELDS_MAX))):
            if unknown.field_number in known:
                field = known[unknown.field_number]
                return f"{level.DESCRIPTOR.name}.{field.name} has wire type {unknown.wire_type}"
    return None
