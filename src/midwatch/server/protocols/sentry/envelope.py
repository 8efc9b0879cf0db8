"""Sentry's envelopes: a line of headers, then items, each a line of headers and a payload (develop.sentry.dev/sdk)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

HEADER_BYTES_MAX = 64 << 10
ITEMS_MAX = 1000
USER_AGENT, SERVICE = "_user_agent", "_service"
"""Headers that an envelope gets here: of the browser that sent it, and what its key is called."""


class BadEnvelope(ValueError):
    """The bytes are no envelope; the message says where."""


@dataclass(frozen=True, slots=True)
class Item:
    type: str
    headers: dict[str, Any]
    payload: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    headers: dict[str, Any]
    items: list[Item]


def read_envelope(body: bytes) -> Envelope:
    """
    Raises:
        BadEnvelope: headers that are no JSON object, a payload that is cut off, or too many items.
    """
    line, at = _line(body, 0)
    headers = _object(line, "the envelope's headers")
    return Envelope(headers, list(_items(body, at)))


def write_envelope(headers: dict[str, Any], items: Iterable[Item]) -> bytes:
    """The same as bytes; each item says its length."""
    lines = [orjson.dumps(headers)]
    for item in items:
        lines.append(orjson.dumps({**item.headers, "type": item.type, "length": len(item.payload)}))
        lines.append(item.payload)
    return b"\n".join(lines) + b"\n"


def _items(body: bytes, at: int) -> Iterator[Item]:
    count = 0
    while at < len(body):
        line, at = _line(body, at)
        if not line.strip():
            continue
        count += 1
        if count > ITEMS_MAX:
            raise BadEnvelope(f"expected at most {ITEMS_MAX} items")
        headers = _object(line, f"the headers of item {count}")
        length = headers.get("length")
        if length is None:
            end = body.find(b"\n", at)
            end = len(body) if end < 0 else end
        elif isinstance(length, int) and not isinstance(length, bool) and length >= 0:
            end = at + length
            if end > len(body):
                raise BadEnvelope(f"item {count} has {len(body) - at} bytes; expected the {length} that it says")
        else:
            raise BadEnvelope(f"length of item {count}: expected a number of bytes")
        yield Item(str(headers.get("type", "")), headers, body[at:end])
        at = end + 1 if body[end : end + 1] == b"\n" else end


def _line(body: bytes, at: int) -> tuple[bytes, int]:
    end = body.find(b"\n", at)
    end = len(body) if end < 0 else end
    if end - at > HEADER_BYTES_MAX:
        raise BadEnvelope(f"expected headers of at most {HEADER_BYTES_MAX:,} bytes")
    return body[at:end], end + 1


def _object(line: bytes, what: str) -> dict[str, Any]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise BadEnvelope(f"{what}: expected JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadEnvelope(f"{what}: expected a JSON object")
    return value
