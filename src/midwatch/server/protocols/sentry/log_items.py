"""Item `log`: a container of log records (develop.sentry.dev/sdk/telemetry/logs)."""

from typing import Any

from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber

from midwatch.server.protocols.sentry.attributes import Attributes, pairs, put_all, typed_values
from midwatch.server.protocols.sentry.conventions import renamed
from midwatch.server.protocols.sentry.gathered import Telemetry
from midwatch.server.protocols.sentry.reading import count, identifier, items_of, read_object, text
from midwatch.server.protocols.sentry.sent import Sent
from midwatch.server.protocols.sentry.span_items import origin_of_attributes

ITEMS_MAX = 10_000
SEQUENCE_MAX = 999
"""Records of one microsecond keep their order in its nanoseconds."""
SEVERITIES = {
    "trace": SeverityNumber.SEVERITY_NUMBER_TRACE,
    "debug": SeverityNumber.SEVERITY_NUMBER_DEBUG,
    "info": SeverityNumber.SEVERITY_NUMBER_INFO,
    "warn": SeverityNumber.SEVERITY_NUMBER_WARN,
    "warning": SeverityNumber.SEVERITY_NUMBER_WARN,
    "error": SeverityNumber.SEVERITY_NUMBER_ERROR,
    "fatal": SeverityNumber.SEVERITY_NUMBER_FATAL,
}
_SPAN = "sentry.trace.parent_span_id"
_SEQUENCE = "sentry.timestamp.sequence"
_IN_RESOURCE = (
    "sentry.sdk.name",
    "sentry.sdk.version",
    "sentry.release",
    "sentry.environment",
    "sentry.dist",
)


def take_logs(payload: bytes, sent: Sent, into: Telemetry) -> None:
    """Raises BadItem."""
    for one in items_of(read_object(payload), ITEMS_MAX):
        _put(one, sent, into)


def _put(one: dict[str, Any], sent: Sent, into: Telemetry) -> None:
    attributes: Attributes = {}
    put_all(attributes, dict(typed_values(one.get("attributes"))))
    sent.about(attributes)
    origin = origin_of_attributes(sent, attributes)
    for name in _IN_RESOURCE:
        attributes.pop(name, None)
    sequence = count(attributes.pop(_SEQUENCE, 0), SEQUENCE_MAX)
    span_id = identifier(one.get("span_id"), 8) or identifier(attributes.pop(_SPAN, None), 8)
    record = into.record(origin)
    at_ns = sent.time(one.get("timestamp"))
    record.time_unix_nano = sent.received_ns if at_ns is None else at_ns + sequence
    record.observed_time_unix_nano = sent.received_ns
    level = text(one.get("level")).lower()
    record.severity_text = level
    told = count(one.get("severity_number"))
    known = SEVERITIES.get(level, SeverityNumber.SEVERITY_NUMBER_UNSPECIFIED)
    record.severity_number = SeverityNumber.ValueType(told) if 1 <= told <= 24 else known
    record.body.string_value = text(one.get("body"))
    record.trace_id = identifier(one.get("trace_id"), 16)
    if record.trace_id:
        record.span_id = span_id
    record.attributes.extend(pairs(renamed(attributes).items()))
