"""What an event was when it came, as a hash; and the chain of these. Pure.

The digest of an event is the SHA-256 of its canonical JSON: its columns as texts and numbers, keys sorted, no spaces,
UTF-8. A link is the SHA-256 of the link before it and the digest, as bytes; before the first are 32 zeros.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

START = "0" * 64
FIELDS = {
    "project": "Project",
    "id": "EventId",
    "type": "Type",
    "time_unix_nano": "TimeNs",
    "received_unix_milli": "ReceivedMs",
    "entity_type": "EntityType",
    "entity_id": "EntityId",
    "sequence": "Sequence",
    "actor_type": "ActorType",
    "actor_id": "ActorId",
    "correlation_id": "CorrelationId",
    "trace_id": "TraceId",
    "span_id": "SpanId",
    "service": "ServiceName",
    "environment": "Environment",
    "from": "StateFrom",
    "to": "StateTo",
    "before": "Before",
    "after": "After",
    "metadata": "Metadata",
    "key_id": "KeyId",
}
"""Keys of the canonical JSON, and the columns of `SELECTED`. Changing any changes every digest."""
SELECTED = ", ".join(
    {
        "TimeNs": "toUnixTimestamp64Nano(Timestamp) AS TimeNs",
        "ReceivedMs": "toUnixTimestamp64Milli(ReceivedAt) AS ReceivedMs",
    }.get(column, column)
    for column in FIELDS.values()
)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a project's chain."""

    position: int = 0
    hash: str = START


def canonical(row: Mapping[str, Any]) -> bytes:
    """The JSON that is hashed, of a row of `SELECTED`."""
    return orjson.dumps({name: row[column] for name, column in FIELDS.items()}, option=orjson.OPT_SORT_KEYS)


def digest(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(row)).hexdigest()


def link(before: str, digest: str) -> str:
    """The link after `before`."""
    return hashlib.sha256(bytes.fromhex(before) + bytes.fromhex(digest)).hexdigest()
