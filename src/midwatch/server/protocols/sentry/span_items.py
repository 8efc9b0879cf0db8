"""Item `span`: a container of version 2 (`{"items": […]}`), or one span of the older form by itself."""

from typing import Any

from midwatch.server.protocols.sentry.attributes import Attributes, put, put_all, typed_values
from midwatch.server.protocols.sentry.conventions import put_address, renamed
from midwatch.server.protocols.sentry.gathered import Telemetry
from midwatch.server.protocols.sentry.page_loads import PageLoad
from midwatch.server.protocols.sentry.reading import BadItem, items_of, object_of, read_object, text
from midwatch.server.protocols.sentry.sent import Origin, Sent
from midwatch.server.protocols.sentry.spans import OP, ids_of, put_span, times_of
from midwatch.server.protocols.sentry.transaction import PAGE_OPS
from midwatch.server.protocols.sentry.web_vitals import Place, load_of, page_of, put_vitals, vitals_in

ITEMS_MAX = 10_000


def take_spans(payload: bytes, sent: Sent, into: Telemetry) -> None:
    """Raises BadItem."""
    value = read_object(payload)
    if "items" not in value:
        _take_one(value, sent, into)
        return
    items = items_of(value, ITEMS_MAX)
    read = [(one, _attributes(one, sent)) for one in items]
    # What a page load is of may stand behind what is told of it.
    for one, attributes in read:
        if attributes.get(OP) in PAGE_OPS and (ids := ids_of(one)) is not None:
            into.loads.remember(ids.trace_id, ids.span_id, _page(text(one.get("name")), attributes))
    for one, attributes in read:
        _put(one, attributes, sent, into)


def _take_one(value: dict[str, Any], sent: Sent, into: Telemetry) -> None:
    """The older form has its texts in `data`, its name in `description`, and measurements."""
    if ids_of(value) is None:
        raise BadItem("expected trace_id of 32 and span_id of 16 hex digits")
    if times_of(sent, value) is None:
        raise BadItem("start_timestamp: expected seconds since 1970 or RFC 3339")
    data = object_of(value, "data")
    attributes: Attributes = {}
    put_all(attributes, data)
    put_all(attributes, object_of(value, "tags"))
    put(attributes, "sentry.release", data.get("release"))
    put(attributes, "sentry.environment", data.get("environment"))
    put(attributes, "sentry.origin", text(value.get("origin")))
    put(attributes, OP, text(value.get("op")))
    put(attributes, "sentry.transaction", text(data.get("transaction")))
    for name in ("release", "environment", "transaction"):
        attributes.pop(name, None)
    sent.about(attributes)
    told = {**value, "name": value.get("description"), "end_timestamp": value.get("timestamp")}
    _put(told, renamed(attributes), sent, into)


def _attributes(one: dict[str, Any], sent: Sent) -> Attributes:
    found: Attributes = {}
    put_all(found, dict(typed_values(one.get("attributes"))))
    sent.about(found)
    found = renamed(found)
    if address := text(found.get("url.full")):
        put_address(found, address)
    return found


def _put(one: dict[str, Any], attributes: Attributes, sent: Sent, into: Telemetry) -> None:
    ids, times = ids_of(one), times_of(sent, one, "end_timestamp")
    if ids is None or times is None:
        into.skipped["span_ids_invalid" if ids is None else "span_time_missing"] += 1
        return
    origin, op = origin_of_attributes(sent, attributes), text(attributes.get(OP))
    put(attributes, "user_agent.original", sent.user_agent)
    put(attributes, "user.id", text(sent.trace.get("user_id")))
    put(attributes, "sentry.replay_id", text(sent.trace.get("replay_id")))
    if vitals := vitals_in(one.get("measurements"), attributes):
        page = _page(text(attributes.get("sentry.transaction")) or text(one.get("name")), attributes)
        put_vitals(into, origin, Place(ids, load_of(ids, attributes), times, op), vitals, attributes, page)
    rate = attributes.get("sentry.sample_rate")
    put_span(
        into,
        origin,
        ids,
        times,
        op=op,
        description=text(one.get("name")),
        status=one.get("status"),
        attributes=attributes,
        trace_state=sent.trace_state(rate),
        links=one.get("links"),
    )


def origin_of_attributes(sent: Sent, attributes: Attributes) -> Origin:
    """The service is what the attributes `service.name` or `service` say."""
    return sent.origin(
        service=text(attributes.get("service.name")) or text(attributes.get("service")),
        release=attributes.get("sentry.release") or attributes.get("service.version"),
        environment=attributes.get("sentry.environment"),
        host=attributes.get("host.name"),
        dist=attributes.get("sentry.dist"),
        sdk={"name": attributes.get("sentry.sdk.name"), "version": attributes.get("sentry.sdk.version")},
    )


def _page(name: str, attributes: Attributes) -> PageLoad:
    source = text(attributes.get("sentry.segment.name.source")) or text(attributes.get("sentry.source"))
    return page_of(name, source, attributes)
