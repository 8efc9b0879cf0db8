"""Log records: opentelemetry-proto `logs/v1/logs.proto`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from midwatch.sdk.wire.attributes import AttributeEncoder, any_value
from midwatch.sdk.wire.protobuf import FIXED32, FIXED64, LENGTH, VARINT, delimited, fixed32, fixed64, tag, text, varint
from midwatch.sdk.wire.resource import in_scope

_SCOPE_LOGS, _RECORD = tag(2, LENGTH), tag(2, LENGTH)
_TIME, _OBSERVED, _SEVERITY, _SEVERITY_TEXT = tag(1, FIXED64), tag(11, FIXED64), tag(2, VARINT), tag(3, LENGTH)
_BODY, _ATTRIBUTE, _FLAGS = tag(5, LENGTH), tag(6, LENGTH), tag(8, FIXED32)
_TRACE_ID, _SPAN_ID, _EVENT_NAME = tag(9, LENGTH) + b"\x10", tag(10, LENGTH) + b"\x08", tag(12, LENGTH)


@dataclass(slots=True)
class LogRecord:
    """One line or event, with nothing private in it any more."""

    time_unix_nano: int
    severity_number: int
    """1 to 24, as OpenTelemetry numbers them."""
    severity_text: str
    body: str
    attributes: dict[str, Any]
    trace_id: int = 0
    """0 where there is no trace."""
    span_id: int = 0
    trace_flags: int = 0
    event_name: str = ""


class LogEncoder:
    """Records as the body of an `ExportLogsServiceRequest`; used from one thread."""

    def __init__(self) -> None:
        self._attributes = AttributeEncoder(lambda _, value: value)

    def resource_logs(self, resource: bytes, records: Iterable[LogRecord]) -> bytes:
        """One `ResourceLogs`; `resource` is its first field, encoded."""
        return resource_logs(resource, map(self.record, records))

    def record(self, record: LogRecord) -> bytes:
        time = fixed64(record.time_unix_nano)
        parts = [
            _TIME + time + _OBSERVED + time + _SEVERITY + varint(record.severity_number),
            delimited(_SEVERITY_TEXT, text(record.severity_text)),
            delimited(_BODY, any_value(record.body)),
            *self._attributes.fields(_ATTRIBUTE, record.attributes),
        ]
        if record.trace_id:
            parts.append(_TRACE_ID + record.trace_id.to_bytes(16, "big"))
            parts.append(_FLAGS + fixed32(record.trace_flags))
        if record.span_id:
            parts.append(_SPAN_ID + record.span_id.to_bytes(8, "big"))
        if record.event_name:
            parts.append(delimited(_EVENT_NAME, text(record.event_name)))
        return b"".join(parts)


def resource_logs(resource: bytes, records: Iterable[bytes]) -> bytes:
    """The same of records that were encoded before."""
    body = b"".join([delimited(_RECORD, one) for one in records])
    return resource + delimited(_SCOPE_LOGS, in_scope(None) + body)
