"""Log records: opentelemetry-proto `logs/v1/logs.proto`."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from midwatch.sdk.wire.attributes import AttributeEncoder, any_value
from midwatch.sdk.wire.protobuf import FIXED32, FIXED64, LENGTH, VARINT, delimited, fixed32, tag, text, varint
from midwatch.sdk.wire.resource import in_scope

_SCOPE_LOGS, _RECORD = tag(2, LENGTH), tag(2, LENGTH)
_SEVERITY, _SEVERITY_TEXT = tag(2, VARINT), tag(3, LENGTH)
_BODY, ATTRIBUTE, _FLAGS = tag(5, LENGTH), tag(6, LENGTH), tag(8, FIXED32)
_TRACE_ID, _SPAN_ID, _EVENT_NAME = tag(9, LENGTH) + b"\x10", tag(10, LENGTH) + b"\x08", tag(12, LENGTH)
_pack_times = struct.Struct("<BQBQ").pack
_TIME, _OBSERVED = 1 << 3 | FIXED64, 11 << 3 | FIXED64

HEADS_MAX = 1024
HEAD_CHARACTERS_MAX = 128
"""Messages of programs come again, word for word; longer ones seldom do."""


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
    encoded: bytes | None = field(default=None, repr=False, compare=False)
    """Attributes and ids as they are sent, where who made it had them at hand. Who changes either puts None here."""


class LogEncoder:
    """Records as the body of an `ExportLogsServiceRequest`; any thread may use it."""

    def __init__(self) -> None:
        self._attributes = AttributeEncoder(lambda _, value: value)
        self._heads: dict[tuple[int, str, str], bytes] = {}

    def resource_logs(self, resource: bytes, records: Iterable[LogRecord]) -> bytes:
        """One `ResourceLogs`; `resource` is its first field, encoded."""
        return resource_logs(resource, map(self.record, records))

    def entry(self, record: LogRecord) -> bytes:
        """One record as a field of its scope, for `of_entries`."""
        return delimited(_RECORD, self.record(record))

    def record(self, record: LogRecord) -> bytes:
        head = self._heads.get((record.severity_number, record.severity_text, record.body))
        if head is None:
            head = self._head(record)
        encoded = record.encoded
        if encoded is None:
            encoded = b"".join(self._attributes.fields(ATTRIBUTE, record.attributes))
            encoded += ids(record.trace_id, record.span_id, record.trace_flags)
        if record.event_name:
            encoded += delimited(_EVENT_NAME, text(record.event_name))
        time = record.time_unix_nano
        return _pack_times(_TIME, time, _OBSERVED, time) + head + encoded

    def _head(self, record: LogRecord) -> bytes:
        """Severity and body."""
        head = _SEVERITY + varint(record.severity_number) + delimited(_SEVERITY_TEXT, text(record.severity_text))
        head += delimited(_BODY, any_value(record.body))
        if len(record.body) <= HEAD_CHARACTERS_MAX:
            if len(self._heads) >= HEADS_MAX:
                self._heads.clear()
            self._heads[record.severity_number, record.severity_text, record.body] = head
        return head


def ids(trace_id: int, span_id: int, trace_flags: int) -> bytes:
    """The span that a record belongs to; nothing for 0."""
    encoded = b""
    if trace_id:
        encoded = _TRACE_ID + trace_id.to_bytes(16, "big") + _FLAGS + fixed32(trace_flags)
    return encoded + _SPAN_ID + span_id.to_bytes(8, "big") if span_id else encoded


def resource_logs(resource: bytes, records: Iterable[bytes]) -> bytes:
    """The same of records that were encoded before."""
    return of_entries(resource, [delimited(_RECORD, one) for one in records])


def of_entries(resource: bytes, entries: Iterable[bytes]) -> bytes:
    """The same of what `entry` has made."""
    return resource + delimited(_SCOPE_LOGS, in_scope(None) + b"".join(entries))
