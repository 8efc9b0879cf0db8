"""Lines, events, errors and spans as simple values, with nothing private in them any more, as they would leave."""

import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode

from midwatch.contract import events as event_names
from midwatch.contract import failures
from midwatch.contract.redaction.said import LEFT_OUT
from midwatch.contract.redaction.values import Redactor
from midwatch.sdk.log_lines import LogKeys, json_line
from midwatch.sdk.wire.logs import LogEncoder, LogRecord
from midwatch.sdk.wire.spans import SpanEncoder

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What all of them have."""

    fields: Fields
    correlation_id: str
    trace_id: str
    """32 hex digits; empty outside of any trace."""
    span_id: str
    sent: bytes
    """What would be sent of it."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What it is, for messages."""


@dataclass(frozen=True, slots=True)
class Line(Told):
    level: str
    message: str
    logger: str
    request_id: str
    written: Fields
    """The line as it is written, with the keys that the team gave them."""

    @property
    def title(self) -> str:
        return f"line {self.message!r}"


@dataclass(frozen=True, slots=True)
class Event(Told):
    name: str
    event_id: str
    level: str

    @property
    def entity(self) -> tuple[str, str]:
        """Its type and id; empty where it has none."""
        return str(self.fields.get(event_names.ENTITY_TYPE, "")), str(self.fields.get(event_names.ENTITY_ID, ""))

    @property
    def title(self) -> str:
        return f"event {self.name!r}"


@dataclass(frozen=True, slots=True)
class Error(Told):
    type: str
    message: str
    severity: str
    category: str
    handled: bool
    fingerprint: tuple[str, ...]

    @property
    def frames(self) -> list[Fields]:
        """Outermost call first."""
        return list(json.loads(self.fields.get(failures.FRAMES, "[]")))

    @property
    def title(self) -> str:
        return f"error {self.type}: {self.message!r}"


@dataclass(frozen=True, slots=True)
class Span(Told):
    name: str
    kind: str
    """internal, server, client, producer or consumer."""
    parent_id: str
    failed: bool
    status_message: str
    seconds: float
    events: tuple[tuple[str, Fields], ...]

    @property
    def title(self) -> str:
        return f"span {self.name!r}"


def line_of(record: LogRecord, written: Mapping[str, Any], keys: LogKeys) -> Line:
    beside = (keys.correlation_id, keys.request_id, keys.logger)
    return Line(
        fields={key: value for key, value in record.attributes.items() if key not in beside},
        level=record.severity_text,
        message=record.body,
        logger=str(record.attributes.get(keys.logger, "")),
        request_id=str(record.attributes.get(keys.request_id, "")),
        written=orjson.loads(json_line(written)),
        **_ids(record, keys),
    )


def event_of(record: LogRecord, keys: LogKeys) -> Event:
    return Event(
        fields=dict(record.attributes),
        name=record.event_name,
        event_id=str(record.attributes.get(event_names.EVENT_ID, "")),
        level=record.severity_text,
        **_ids(record, keys),
    )


def error_of(record: LogRecord, keys: LogKeys) -> Error:
    fields = record.attributes
    return Error(
        fields=dict(fields),
        type=str(fields.get("exception.type", "")),
        message=str(fields.get("exception.message", "")),
        severity=record.severity_text,
        category=str(fields.get(failures.CATEGORY, "")),
        handled=bool(fields.get(failures.HANDLED, True)),
        fingerprint=tuple(fields.get(failures.FINGERPRINT, ())),
        **_ids(record, keys),
    )


def span_of(span: ReadableSpan, clean: Redactor) -> Span:
    context, status = span.context, span.status
    assert context is not None
    fields = _clean(span.attributes or {}, clean)
    return Span(
        fields=fields,
        correlation_id=str(fields.get("correlation_id", "")),
        trace_id=f"{context.trace_id:032x}",
        span_id=f"{context.span_id:016x}",
        sent=SpanEncoder(clean.value, clean.key).span(span),
        name=str(clean.value("", span.name)),
        kind=span.kind.name.lower(),
        parent_id=f"{span.parent.span_id:016x}" if span.parent is not None and span.parent.span_id else "",
        failed=status.status_code is StatusCode.ERROR,
        status_message=str(clean.value("", status.description or "")),
        seconds=((span.end_time or 0) - (span.start_time or 0)) / 1e9,
        events=tuple((one.name, _clean(one.attributes or {}, clean)) for one in span.events),
    )


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str, Any]]:
    """Where each value is, under which key, and the value itself."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            inner = f"{path}.{key}" if path else str(key)
            if isinstance(one, Mapping | list | tuple):
                yield from leaves(one, inner)
            else:
                yield inner, str(key), one
    elif isinstance(value, list | tuple):
        for at, one in enumerate(value):
            yield from leaves(one, f"{path}[{at}]")
    else:
        yield path, "", value


def _ids(record: LogRecord, keys: LogKeys) -> dict[str, Any]:
    return {
        "correlation_id": str(record.attributes.get(keys.correlation_id, "")),
        "trace_id": f"{record.trace_id:032x}" if record.trace_id else "",
        "span_id": f"{record.span_id:016x}" if record.span_id else "",
        "sent": LogEncoder().record(record),
    }


def _clean(fields: Mapping[str, Any], clean: Redactor) -> Fields:
    cleaned = {clean.key(key): clean.value(key, value) for key, value in fields.items()}
    return {key: value for key, value in cleaned.items() if value is not LEFT_OUT}
