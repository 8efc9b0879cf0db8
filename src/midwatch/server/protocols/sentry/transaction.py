"""Item `transaction`: an event that is a span with spans below it (develop.sentry.dev/sdk/telemetry/traces)."""

from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from midwatch.server.protocols.sentry.attributes import Attributes, pairs, put, put_all
from midwatch.server.protocols.sentry.conventions import renamed
from midwatch.server.protocols.sentry.event_facts import origin_of, put_facts
from midwatch.server.protocols.sentry.gathered import Telemetry
from midwatch.server.protocols.sentry.reading import BadItem, number, object_of, objects_of, read_object, text
from midwatch.server.protocols.sentry.sent import Origin, Sent
from midwatch.server.protocols.sentry.spans import SpanIds, ids_of, put_span, times_of
from midwatch.server.protocols.sentry.web_vitals import ROUTE, Place, page_of, put_vitals, vitals_in

SPANS_MAX = 10_000
"""Below one transaction; SDKs stop at 1,000."""
BREADCRUMBS_MAX = 100
MEASUREMENTS_MAX = 50
PAGE_OPS = frozenset({"pageload", "navigation"})


def take_transaction(payload: bytes, sent: Sent, into: Telemetry) -> None:
    """Raises BadItem."""
    event = read_object(payload)
    trace = object_of(event, "contexts", "trace")
    ids, times = ids_of(trace), times_of(sent, event)
    if ids is None:
        raise BadItem("contexts.trace: expected trace_id of 32 and span_id of 16 hex digits")
    if times is None:
        raise BadItem("start_timestamp: expected seconds since 1970 or RFC 3339")
    origin, op, name = origin_of(sent, event), text(trace.get("op")), text(event.get("transaction"))
    source = text(object_of(event, "transaction_info").get("source"))
    attributes: Attributes = {}
    put_all(attributes, object_of(trace, "data"))
    put_facts(sent, event, attributes)
    attributes = renamed(attributes)
    page = page_of(name, source, attributes)
    if source == ROUTE and op.startswith("http.server"):
        put(attributes, "http.route", _route(name))
    _put_measurements(event, attributes)
    put(attributes, "sentry.event_id", text(event.get("event_id")))
    put(attributes, "sentry.origin", text(trace.get("origin")))
    vitals = vitals_in(event.get("measurements"), attributes)
    if op in PAGE_OPS:
        into.loads.remember(ids.trace_id, ids.span_id, page)
        put(attributes, "url.template", page.template)
    put_vitals(into, origin, Place(ids, ids.span_id, times, op), vitals, attributes, page)
    state = sent.trace_state(attributes.get("sentry.sample_rate"))
    root = put_span(
        into,
        origin,
        ids,
        times,
        op=op,
        description=name,
        status=trace.get("status"),
        attributes=attributes,
        trace_state=state,
        links=trace.get("links"),
    )
    _put_breadcrumbs(root, event, sent)
    _put_spans(event.get("spans"), ids, origin, state, sent, into)


def _put_spans(spans: Any, root: SpanIds, origin: Origin, state: str, sent: Sent, into: Telemetry) -> None:
    if isinstance(spans, list) and len(spans) > SPANS_MAX:
        into.skipped["spans_over_limit"] += len(spans) - SPANS_MAX
    for value in objects_of(spans, SPANS_MAX):
        ids, times = ids_of(value, root.trace_id), times_of(sent, value)
        if ids is None or times is None:
            into.skipped["span_ids_invalid" if ids is None else "span_time_missing"] += 1
            continue
        attributes: Attributes = {}
        put_all(attributes, object_of(value, "data"))
        put_all(attributes, object_of(value, "tags"))
        _put_measurements(value, attributes)
        op = text(value.get("op"))
        put(attributes, "sentry.origin", text(value.get("origin")))
        put_span(
            into,
            origin,
            SpanIds(ids.trace_id, ids.span_id, ids.parent_id or root.span_id),
            times,
            op=op,
            description=text(value.get("description")),
            status=value.get("status"),
            attributes=renamed(attributes),
            trace_state=state,
            links=value.get("links"),
        )


def _put_measurements(value: dict[str, Any], attributes: Attributes) -> None:
    """Each under its name, with its unit; web vitals are told as events besides."""
    for name, one in list(object_of(value, "measurements").items())[:MEASUREMENTS_MAX]:
        measured = one.get("value") if isinstance(one, dict) else one
        if (found := number(measured)) is not None:
            put(attributes, f"sentry.measurements.{name}", found)


def _put_breadcrumbs(root: Span, event: dict[str, Any], sent: Sent) -> None:
    """What happened before, as events of the span."""
    for one in objects_of(event.get("breadcrumbs"), BREADCRUMBS_MAX):
        attributes: Attributes = {}
        for name in ("message", "level", "type"):
            put(attributes, f"breadcrumb.{name}", text(one.get(name)))
        put_all(attributes, object_of(one, "data"), "breadcrumb.data.")
        root.events.add(
            time_unix_nano=sent.time(one.get("timestamp")) or root.start_time_unix_nano,
            name=text(one.get("category")) or "breadcrumb",
            attributes=pairs(attributes.items()),
        )


def _route(name: str) -> str:
    """Of `GET /orders/{id}`, the path."""
    method, _, path = name.partition(" ")
    return path if path.startswith("/") and method.isupper() else name
