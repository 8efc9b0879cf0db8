"""Web vitals of Sentry's browser SDKs → log records `browser.web_vital` (OpenTelemetry semantic conventions 1.44).

Versions 7 to 9 send them as measurements of the page load's transaction, and INP (later CLS and LCP, too) as spans of
their own; version 11 as attributes of the page load's span and of such spans. A vital that comes by itself names its
page load; which page that was is remembered.
"""

from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber

from midwatch.server.model.web_vital import BOUNDS, EVENT_NAME, rating
from midwatch.server.protocols.sentry.attributes import Attributes, pairs, put
from midwatch.server.protocols.sentry.gathered import Telemetry
from midwatch.server.protocols.sentry.page_loads import PageLoad
from midwatch.server.protocols.sentry.reading import identifier, number, object_of, text
from midwatch.server.protocols.sentry.sent import Origin
from midwatch.server.protocols.sentry.spans import SpanIds, SpanTimes

VALUE_MAX = 1e9
_AT_ITS_VALUE = frozenset({"lcp", "fcp", "ttfb"})
"""Told as the time since the page load began."""
_MILLISECONDS = {"nanosecond": 1e-6, "microsecond": 1e-3, "millisecond": 1.0, "second": 1e3, "minute": 6e4}
_TAKEN_ALONG = (
    "user.id",
    "session.id",
    "sentry.replay_id",
    "user_agent.original",
    "browser.name",
    "browser.version",
    "device.type",
    "device.family",
    "os.name",
    "network.connection.effective_type",
    "network.connection.type",
    "sentry.clock_drift_seconds",
)
ROUTE = "route"
"""The source of a name that is a route, not an address."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it was measured."""

    ids: SpanIds
    """Of the span that told it."""
    load: bytes
    """The span of its page load."""
    times: SpanTimes
    op: str


def vitals_in(measurements: Any, attributes: Attributes) -> dict[str, float]:
    """Of both forms; what is negative, too large or no number is none."""
    found: dict[str, float] = {}
    for name in BOUNDS:
        measured = object_of(measurements, name)
        value = number(measured.get("value"))
        if value is None:
            value = number(attributes.get(f"browser.web_vital.{name}.value"))
        elif name != "cls":
            value *= _MILLISECONDS.get(text(measured.get("unit")), 1.0)
        if value is not None and 0 <= value <= VALUE_MAX:
            found[name] = value
    return found


def page_of(name: str, source: str, attributes: Attributes) -> PageLoad:
    """Of a span that is a page load or navigation, or that says itself where it was."""
    template = text(attributes.get("url.template")) or text(attributes.get("http.route"))
    path = text(attributes.get("url.path"))
    if name.startswith("/"):
        if source == ROUTE:
            template = template or name
        else:
            path = path or name
    elif source == ROUTE and not template:
        template = name
    return PageLoad(path, template, text(attributes.get("user_agent.original")))


def put_vitals(
    into: Telemetry, origin: Origin, place: Place, vitals: dict[str, float], attributes: Attributes, page: PageLoad
) -> None:
    """`attributes`: those of the span, of which some are taken along."""
    known = into.loads.of(place.ids.trace_id, place.load)
    if known is not None:
        page = PageLoad(page.path or known.path, page.template or known.template, page.user_agent or known.user_agent)
    for name, value in vitals.items():
        record = into.record(origin)
        record.event_name = EVENT_NAME
        record.severity_number = SeverityNumber.SEVERITY_NUMBER_INFO
        record.trace_id, record.span_id = place.ids.trace_id, place.load
        own_load = place.load == place.ids.span_id
        after_ns = int(value * 1e6) if name in _AT_ITS_VALUE and own_load else None
        record.time_unix_nano = place.times.end_ns if after_ns is None else place.times.start_ns + after_ns
        said: Attributes = {
            "browser.web_vital.name": name,
            "browser.web_vital.value": value,
            # Sentry's SDKs report once, when it is final.
            "browser.web_vital.delta": value,
            "browser.web_vital.id": f"{place.load.hex()}-{name}",
            "browser.web_vital.rating": rating(name, value),
        }
        put(said, "browser.web_vital.navigation_type", _navigation_type(place, attributes))
        put(said, "url.path", page.path)
        put(said, "url.template", page.template)
        put(said, "user_agent.original", page.user_agent)
        for key in _TAKEN_ALONG:
            put(said, key, attributes.get(key))
        more = f"browser.web_vital.{name}."
        for key, one in attributes.items():
            if key.startswith(more) and key != f"{more}value":
                put(said, key, one)
        record.body.string_value = f"{name.upper()} {value:.4g}{'' if name == 'cls' else ' ms'}"
        record.attributes.extend(pairs(said.items()))


def load_of(ids: SpanIds, attributes: Attributes) -> bytes:
    """The span of the page load that a span belongs to: itself, where it names none."""
    told = text(attributes.get("sentry.pageload.span_id")) or text(attributes.get("sentry.segment.id"))
    return identifier(told, 8) or ids.span_id


def _navigation_type(place: Place, attributes: Attributes) -> str:
    told = text(attributes.get("browser.navigation.type"))
    return told.replace("_", "-") if told else ("navigate" if place.op == "pageload" else "")
