"""What is read of Sentry's JSON, whatever it holds: a value of another type or size is as if it were not there."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

TIME_SECONDS_MAX = 9_223_372_036
"""2262-04-11, the last whole second that the store holds."""
TEXT_CHARACTERS_MAX = 64 << 10
"""Of one value; what is longer is cut here, and shorter still by the store, which tells of it."""
_HEX = re.compile(r"[0-9a-f]+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class BadItem(ValueError):
    """What is wrong with an item, and what was expected."""


def read_object(payload: bytes) -> dict[str, Any]:
    """Raises BadItem."""
    try:
        value = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise BadItem(f"expected JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadItem("expected a JSON object")
    return value


def items_of(value: Mapping[str, Any], items_max: int) -> list[dict[str, Any]]:
    """The objects of a container's `items`. Raises BadItem."""
    items = value.get("items")
    if not isinstance(items, list):
        raise BadItem("items: expected a list")
    if len(items) > items_max:
        raise BadItem(f"items: expected at most {items_max:,}, not {len(items):,}")
    return [one for one in items if isinstance(one, dict)]


def object_of(value: Any, *path: str) -> dict[str, Any]:
    """The object at a path; empty where something on the way is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def objects_of(value: Any, at_most: int) -> Iterator[dict[str, Any]]:
    """The objects of a list; of Sentry's `{"values": […]}`, too."""
    if isinstance(value, dict):
        value = value.get("values")
    if isinstance(value, list):
        yield from (one for one in value[:at_most] if isinstance(one, dict))


def text(value: Any) -> str:
    """Of a text or a number; empty for all else."""
    if isinstance(value, str):
        return value[:TEXT_CHARACTERS_MAX]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value)


def number(value: Any) -> float | None:
    """A finite number, also one that is written as text."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if not isinstance(value, int | float):
        return None
    found = float(value)
    return found if math.isfinite(found) else None


def count(value: Any, at_most: int = 2**53) -> int:
    """A count; 0 where it is none."""
    found = number(value)
    return 0 if found is None or found < 0 else int(min(found, at_most))


def time_ns(value: Any) -> int | None:
    """Seconds since 1970, or RFC 3339, to the microsecond: more is not in what SDKs send."""
    found = number(value)
    if found is None:
        found = _seconds(value) if isinstance(value, str) else None
    if found is None or not 0 < found < TIME_SECONDS_MAX:
        return None
    return round(found * 1e6) * 1000


def identifier(value: Any, size: int) -> bytes:
    """Bytes of an id in hex digits, with dashes or not; empty where it is none."""
    if not isinstance(value, str) or len(value) > 4 * size:
        return b""
    digits = value.replace("-", "").lower()
    if len(digits) != 2 * size or not _HEX.fullmatch(digits) or not digits.strip("0"):
        return b""
    return bytes.fromhex(digits)


def _seconds(value: str) -> float | None:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment - _EPOCH).total_seconds()
    except (ValueError, OverflowError):
        return None
