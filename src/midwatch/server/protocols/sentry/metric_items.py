"""Item `trace_metric`: a container of points (develop.sentry.dev/sdk/telemetry/metrics)."""

from typing import Any

from midwatch.server.protocols.sentry.attributes import Attributes, put_all, typed_values
from midwatch.server.protocols.sentry.gathered import Telemetry
from midwatch.server.protocols.sentry.reading import identifier, items_of, number, read_object, text
from midwatch.server.protocols.sentry.sent import Sent
from midwatch.server.protocols.sentry.span_items import origin_of_attributes
from midwatch.server.protocols.sentry.sums import Kind

ITEMS_MAX = 10_000
LABELS_MAX = 50
NAME_CHARACTERS_MAX = 200
VALUE_CHARACTERS_MAX = 200
_KINDS: dict[str, Kind] = {"counter": "counter", "gauge": "gauge", "distribution": "distribution"}
_NO_LABELS = ("sentry.", "service", "user.", "user_agent.", "session.", "client.address")
"""Beginnings of attributes that SDKs put on every point, and that would make a series of every person."""
UNITS = {
    "nanosecond": "ns",
    "microsecond": "us",
    "millisecond": "ms",
    "second": "s",
    "minute": "min",
    "hour": "h",
    "day": "d",
    "byte": "By",
    "kilobyte": "kBy",
    "kibibyte": "KiBy",
    "megabyte": "MBy",
    "mebibyte": "MiBy",
    "gigabyte": "GBy",
    "gibibyte": "GiBy",
    "ratio": "1",
    "percent": "%",
    "none": "",
}
"""Sentry's → UCUM's, as OpenTelemetry has them; others stay as they are."""


def take_metrics(payload: bytes, sent: Sent, into: Telemetry) -> None:
    """Raises BadItem."""
    for one in items_of(read_object(payload), ITEMS_MAX):
        _put(one, sent, into)


def _put(one: dict[str, Any], sent: Sent, into: Telemetry) -> None:
    name, value = text(one.get("name"))[:NAME_CHARACTERS_MAX], number(one.get("value"))
    kind = _KINDS.get(text(one.get("type")))
    if not name or value is None or kind is None or (kind == "counter" and value < 0):
        into.skipped["metric_invalid"] += 1
        return
    attributes: Attributes = {}
    put_all(attributes, dict(typed_values(one.get("attributes"))))
    labels = [
        (key, _label(value)) for key, value in attributes.items() if not key.startswith(_NO_LABELS) and _label(value)
    ]
    trace_id = identifier(one.get("trace_id"), 16)
    into.sums.add(
        origin_of_attributes(sent, attributes),
        name,
        kind,
        value,
        sent.time(one.get("timestamp")) or sent.received_ns,
        unit=unit_of(one.get("unit")),
        labels=labels[:LABELS_MAX],
        trace=(trace_id, identifier(one.get("span_id"), 8)),
    )


def unit_of(value: Any) -> str:
    told = text(value)[:60]
    return UNITS.get(told, told)


def _label(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return text(value)[:VALUE_CHARACTERS_MAX]
