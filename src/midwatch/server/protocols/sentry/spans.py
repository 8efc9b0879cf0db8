"""One span of Sentry's, whichever form it came in → one of OpenTelemetry's."""

from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from midwatch.server.protocols.sentry.attributes import Attributes, pairs, put, typed_values
from midwatch.server.protocols.sentry.conventions import kind_of, name_of, put_status
from midwatch.server.protocols.sentry.gathered import Telemetry
from midwatch.server.protocols.sentry.reading import identifier, objects_of
from midwatch.server.protocols.sentry.sent import Origin, Sent

LINKS_MAX = 100
OP = "sentry.op"
_OWN = (
    "sentry.sdk.name",
    "sentry.sdk.version",
    "sentry.sdk.integrations",
    "sentry.release",
    "sentry.environment",
    "sentry.dist",
    "sentry.trace_lifecycle",
    "sentry.timestamp.sequence",
)
"""What the resource says, or what only matters between SDK and Sentry."""


@dataclass(frozen=True, slots=True)
class SpanTimes:
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class SpanIds:
    trace_id: bytes
    span_id: bytes
    parent_id: bytes = b""


def put_span(
    into: Telemetry,
    origin: Origin,
    ids: SpanIds,
    times: SpanTimes,
    *,
    op: str,
    description: str,
    status: Any,
    attributes: Attributes,
    trace_state: str,
    links: Any = None,
) -> Span:
    """`attributes` are `renamed` already, and given up."""
    for name in _OWN:
        attributes.pop(name, None)
    put(attributes, OP, op)
    span = into.span(origin)
    span.trace_id, span.span_id, span.parent_span_id = ids.trace_id, ids.span_id, ids.parent_id
    span.trace_state = trace_state
    span.start_time_unix_nano, span.end_time_unix_nano = times.start_ns, max(times.start_ns, times.end_ns)
    span.kind = kind_of(op, attributes)
    span.name = name_of(op, description, span.kind, attributes)
    put_status(span, status, attributes)
    _put_links(span, links)
    span.attributes.extend(pairs(attributes.items()))
    return span


def times_of(sent: Sent, value: dict[str, Any], end: str = "timestamp") -> SpanTimes | None:
    """None where it has no beginning; one that has no end ends where it began."""
    start_ns, end_ns = sent.time(value.get("start_timestamp")), sent.time(value.get(end))
    if start_ns is None:
        return None
    return SpanTimes(start_ns, start_ns if end_ns is None else end_ns)


def ids_of(value: dict[str, Any], trace_id: bytes = b"") -> SpanIds | None:
    """None where they are not valid. `trace_id` is that of what it is in."""
    found, span_id = identifier(value.get("trace_id"), 16) or trace_id, identifier(value.get("span_id"), 8)
    if not found or not span_id:
        return None
    return SpanIds(found, span_id, identifier(value.get("parent_span_id"), 8))


def _put_links(span: Span, links: Any) -> None:
    for one in objects_of(links, LINKS_MAX):
        trace_id, span_id = identifier(one.get("trace_id"), 16), identifier(one.get("span_id"), 8)
        if trace_id and span_id:
            span.links.add(trace_id=trace_id, span_id=span_id, attributes=pairs(typed_values(one.get("attributes"))))
