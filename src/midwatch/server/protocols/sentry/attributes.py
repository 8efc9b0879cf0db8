"""JSON values as OpenTelemetry's attributes, and an item's attributes while they are gathered."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from midwatch.server.protocols.sentry.reading import TEXT_CHARACTERS_MAX

ATTRIBUTES_MAX = 256
"""Of one item, as many as the store keeps."""
KEY_CHARACTERS_MAX = 200
DEPTH_MAX = 6
"""Levels of a list or an object in a value; what is deeper is written as `…`."""
ELEMENTS_MAX = 200
"""Of one list or object."""
TOO_DEEP = "…"
_INT64 = 2**63
Attributes = dict[str, Any]
"""By name, with values as JSON has them. What is put first stays."""


def put(attributes: Attributes, name: str, value: Any) -> None:
    """Nothing where it says nothing, or the name is taken."""
    if value is None or value == "" or len(attributes) >= ATTRIBUTES_MAX:
        return
    attributes.setdefault(name[:KEY_CHARACTERS_MAX], value)


def put_all(attributes: Attributes, values: Mapping[str, Any], prefix: str = "") -> None:
    for name, value in values.items():
        if name:
            put(attributes, f"{prefix}{name}", value)


def typed_values(value: Any) -> Iterator[tuple[str, Any]]:
    """Of the newer items' attributes: `{"name": {"value": …, "type": "integer"}}`, also without the wrapping."""
    for name, one in value.items() if isinstance(value, dict) else ():
        if isinstance(one, dict) and "value" in one:
            yield name, _as_typed(one["value"], one.get("type"))
        else:
            yield name, one


def pairs(values: Iterable[tuple[str, Any]]) -> list[KeyValue]:
    found = []
    for name, value in values:
        pair = KeyValue(key=name)
        _fill(pair.value, value, DEPTH_MAX)
        found.append(pair)
    return found


def _as_typed(value: Any, kind: Any) -> Any:
    """Integers beyond what JavaScript can hold come as text; a double may look like an integer."""
    if kind == "integer" and isinstance(value, str) and value.removeprefix("-").isdecimal() and len(value) < 20:
        return int(value)
    if kind == "double" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _fill(into: AnyValue, value: Any, depth: int) -> None:
    if isinstance(value, str):
        into.string_value = value[:TEXT_CHARACTERS_MAX]
    elif isinstance(value, bool):
        into.bool_value = value
    elif isinstance(value, int) and -_INT64 <= value < _INT64:
        into.int_value = value
    elif isinstance(value, int | float):
        into.double_value = float(value) if math.isfinite(value) else 0.0
    elif isinstance(value, list | dict) and depth == 0:
        into.string_value = TOO_DEEP
    elif isinstance(value, list):
        into.array_value.SetInParent()
        for one in value[:ELEMENTS_MAX]:
            _fill(into.array_value.values.add(), one, depth - 1)
    elif isinstance(value, dict):
        into.kvlist_value.SetInParent()
        for name, one in list(value.items())[:ELEMENTS_MAX]:
            _fill(into.kvlist_value.values.add(key=name[:KEY_CHARACTERS_MAX]).value, one, depth - 1)
