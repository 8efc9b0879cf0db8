"""Items of envelopes: which there are, how large each may be, and which are JSON (develop.sentry.dev)."""

from dataclasses import dataclass

import orjson

from midwatch.server.protocols.sentry.envelope import Item

_KIB, _MIB = 1 << 10, 1 << 20


@dataclass(frozen=True, slots=True)
class ItemType:
    bytes_max: int
    json: bool = True
    """An object or an array; what is none is refused at the door."""


TYPES = {
    "attachment": ItemType(20 * _MIB, json=False),
    "check_in": ItemType(100 * _KIB),
    "client_report": ItemType(100 * _KIB),
    "event": ItemType(_MIB),
    "feedback": ItemType(_MIB),
    "log": ItemType(2 * _MIB),
    "metric": ItemType(2 * _MIB),
    "profile": ItemType(20 * _MIB),
    "profile_chunk": ItemType(20 * _MIB),
    "raw_security": ItemType(100 * _KIB),
    "replay_event": ItemType(_MIB),
    "replay_recording": ItemType(10 * _MIB, json=False),
    "replay_video": ItemType(20 * _MIB, json=False),
    "session": ItemType(100 * _KIB),
    "sessions": ItemType(100 * _KIB),
    "span": ItemType(2 * _MIB),
    "statsd": ItemType(_MIB, json=False),
    "trace_metric": ItemType(2 * _MIB),
    "transaction": ItemType(2 * _MIB),
    "user_report": ItemType(100 * _KIB),
}
"""Those that SDKs send; others count as `other` and are not kept."""


class BadItem(ValueError):
    """An item that cannot be taken; the message says which and why."""


def check_item(item: Item, number: int) -> None:
    """
    Raises:
        BadItem: too large, or not the JSON that its type is.
    """
    kind = TYPES[item.type]
    if len(item.payload) > kind.bytes_max:
        raise BadItem(
            f"item {number} ({item.type}) has {len(item.payload):,} bytes; expected at most {kind.bytes_max:,}"
        )
    if not kind.json:
        return
    try:
        value = orjson.loads(item.payload)
    except orjson.JSONDecodeError as error:
        raise BadItem(f"item {number} ({item.type}): expected JSON: {error}") from None
    if not isinstance(value, dict | list):
        raise BadItem(f"item {number} ({item.type}): expected a JSON object")
