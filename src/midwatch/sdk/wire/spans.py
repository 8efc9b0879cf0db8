"""Spans: opentelemetry-proto `trace/v1/trace.proto`."""

import struct
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import StatusCode

from midwatch.sdk.wire.attributes import AttributeEncoder, Clean, CleanKey, as_it_is
from midwatch.sdk.wire.protobuf import FIXED32, FIXED64, LENGTH, VARINT, delimited, fixed64, tag, text, varint
from midwatch.sdk.wire.resource import in_scope

_SCOPE_SPANS, _SPAN = tag(2, LENGTH), tag(2, LENGTH)
_STATE, _PARENT, _NAME = tag(3, LENGTH), tag(4, LENGTH) + b"\x08", tag(5, LENGTH)
_ATTRIBUTE, _DROPPED_ATTRIBUTES = tag(9, LENGTH), tag(10, VARINT)
_EVENT, _DROPPED_EVENTS, _LINK, _DROPPED_LINKS = tag(11, LENGTH), tag(12, VARINT), tag(13, LENGTH), tag(14, VARINT)
_STATUS, _FLAGS = tag(15, LENGTH), tag(16, FIXED32)
NAMES_MAX = 1024
"""Names that are remembered as they are sent; they are few, unless somebody puts ids into them."""
_EVENT_TIME, _EVENT_NAME, _EVENT_ATTRIBUTE = tag(1, FIXED64), tag(2, LENGTH), tag(3, LENGTH)
_LINK_STATE, _LINK_ATTRIBUTE, _LINK_FLAGS = tag(3, LENGTH), tag(4, LENGTH), tag(6, FIXED32)
_MESSAGE, _CODE = tag(2, LENGTH), tag(3, VARINT)
_ID = b"\x0a\x10%b\x12\x08%b"
_fixed32 = struct.Struct("<I").pack
_pack_kind_and_times = struct.Struct("<BBBQBQ").pack
_KIND, _START, _END = 6 << 3 | VARINT, 7 << 3 | FIXED64, 8 << 3 | FIXED64

_HAS_IS_REMOTE, _IS_REMOTE = 0x100, 0x200
"""Bits of `flags`: whether it is known that the parent is of another process, and that it is."""


Entry = tuple[InstrumentationScope | None, bytes]


class SpanEncoder:
    """Ended spans as the body of an `ExportTraceServiceRequest`; any thread may use it."""

    def __init__(self, clean: Clean, clean_key: CleanKey = as_it_is) -> None:
        self._attributes = AttributeEncoder(clean, clean_key)
        self._clean = clean
        self._names: dict[str, bytes] = {}

    def resource_spans(self, resource: bytes, spans: Iterable[ReadableSpan]) -> bytes:
        """One `ResourceSpans`; `resource` is its first field, encoded."""
        return of_entries(resource, map(self.entry, spans))

    def entry(self, span: ReadableSpan) -> Entry:
        """One span as a field of its scope, for `of_entries`."""
        return span.instrumentation_scope, delimited(_SPAN, self.span(span))

    def span(self, span: ReadableSpan) -> bytes:
        trace_id, span_id, _, trace_flags, trace_state, _ = span.context
        parent = span.parent
        start_ns = span.start_time or 0
        # `_value_` and not `value`: Enum's way there takes a microsecond.
        kind: int = span.kind._value_
        parts = [
            _ID % (trace_id.to_bytes(16, "big"), span_id.to_bytes(8, "big")),
            self._names.get(span.name) or self._name(span.name),
            _pack_kind_and_times(_KIND, kind + 1, _START, start_ns, _END, span.end_time or start_ns),
        ]
        flags = int(trace_flags)
        if parent is not None:
            parts.append(_PARENT + parent.span_id.to_bytes(8, "big"))
            flags |= _HAS_IS_REMOTE | (_IS_REMOTE if parent.is_remote else 0)
        parts.append(_FLAGS + _fixed32(flags))
        if trace_state:
            parts.append(delimited(_STATE, text(self._clean("", trace_state.to_header()))))
        if span.attributes:
            parts += self._attributes.fields(_ATTRIBUTE, span.attributes)
        if span.events:
            parts += [delimited(_EVENT, self._event(event)) for event in span.events]
        if span.links:
            parts += [delimited(_LINK, self._link(link)) for link in span.links]
        if span.dropped_attributes or span.dropped_events or span.dropped_links:
            parts += _dropped(span)
        status = span.status
        if status.status_code is not StatusCode.UNSET:
            message = text(self._clean("", status.description)) if status.description else b""
            body = (delimited(_MESSAGE, message) if message else b"") + _CODE + varint(status.status_code.value)
            parts.append(delimited(_STATUS, body))
        return b"".join(parts)

    def _name(self, name: str) -> bytes:
        encoded = delimited(_NAME, text(self._clean("", name)))
        if len(self._names) >= NAMES_MAX:
            self._names.clear()
        self._names[name] = encoded
        return encoded

    def _event(self, event: Any) -> bytes:
        head = _EVENT_TIME + fixed64(event.timestamp) + delimited(_EVENT_NAME, text(self._clean("", event.name)))
        return head + b"".join(self._attributes.fields(_EVENT_ATTRIBUTE, event.attributes or {}))

    def _link(self, link: Any) -> bytes:
        context = link.context
        parts = [_ID % (context.trace_id.to_bytes(16, "big"), context.span_id.to_bytes(8, "big"))]
        if context.trace_state:
            parts.append(delimited(_LINK_STATE, text(self._clean("", context.trace_state.to_header()))))
        parts += self._attributes.fields(_LINK_ATTRIBUTE, link.attributes or {})
        flags = int(context.trace_flags) | _HAS_IS_REMOTE | (_IS_REMOTE if context.is_remote else 0)
        parts.append(_LINK_FLAGS + _fixed32(flags))
        return b"".join(parts)


def of_entries(resource: bytes, entries: Iterable[Entry]) -> bytes:
    """One `ResourceSpans` of what `entry` has made."""
    by_scope = groupby(entries, key=itemgetter(0))
    scopes = (
        delimited(_SCOPE_SPANS, in_scope(scope) + b"".join([span for _, span in group])) for scope, group in by_scope
    )
    return resource + b"".join(scopes)


def _dropped(span: ReadableSpan) -> Iterable[bytes]:
    if span.dropped_attributes:
        yield _DROPPED_ATTRIBUTES + varint(span.dropped_attributes)
    if span.dropped_events:
        yield _DROPPED_EVENTS + varint(span.dropped_events)
    if span.dropped_links:
        yield _DROPPED_LINKS + varint(span.dropped_links)
