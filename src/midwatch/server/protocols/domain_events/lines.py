"""Events as they are sent → the lines that the write-ahead log holds; `store/flatten/domain_events.py` reads them.

An event is an object: `id` and `type` are needed; `time`, `entity`, `sequence`, `actor`, `from`, `to`, `before`,
`after`, `correlation_id`, `trace_id`, `span_id`, `service`, `environment` and `metadata` are what else it may say.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from midwatch.contract.events import entity_of
from midwatch.server.model.errors import BadRequest
from midwatch.server.model.timerange import parse_time

EVENTS_MAX = 10_000
"""In one body."""
ID_CHARACTERS_MAX = 128
NAME_CHARACTERS_MAX = 200
OBJECT_BYTES_MAX = 64 << 10
"""Of `metadata`, `before` and `after`, each."""
DEPTH_MAX = 20
SEQUENCE_MAX = 2**63 - 1
_KEYS = frozenset(
    {
        *("id", "type", "time", "entity", "sequence", "actor", "from", "to", "before", "after", "correlation_id"),
        *("trace_id", "span_id", "service", "environment", "metadata"),
    }
)
_TRACE, _SPAN = re.compile(r"(?!0{32})[0-9a-f]{32}"), re.compile(r"(?!0{16})[0-9a-f]{16}")


class BadEvents(Exception):
    """The body has no events."""


class BadEvent(Exception):
    """One event that cannot be kept; the message says why."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Refused:
    index: int
    event_id: str
    status: int
    """As HTTP has it: 400, or 413 for one that is too large."""
    reason: str


@dataclass(slots=True)
class Read:
    lines: bytes = b""
    events: int = 0
    refused: list[Refused] = field(default_factory=list)
    timed: bool = True
    """Whether every event says when it was: the same bytes again are the same events then."""


def read_body(raw: bytes) -> Read:
    """The events of a body: one object, an array, or an object a line.

    Raises:
        BadEvents: it is none of these.
    """
    return read_events(_events(raw))


def read_events(events: Iterable[Any]) -> Read:
    found, lines = Read(), []
    for index, event in enumerate(events):
        try:
            line = event_line(event)
        except BadEvent as error:
            event_id = event.get("id") if isinstance(event, dict) else ""
            shown = event_id[:ID_CHARACTERS_MAX] if isinstance(event_id, str) else ""
            found.refused.append(Refused(index, shown, error.status, str(error)))
            continue
        lines.append(orjson.dumps(line))
        found.timed = found.timed and line["time"] != 0
    found.lines, found.events = b"\n".join(lines), len(lines)
    return found


def _events(raw: bytes) -> list[Any]:
    text = raw.strip()
    if not text:
        raise BadEvents("expected events, found nothing")
    try:
        whole = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if b"\n" not in text:
            raise BadEvents(f"expected JSON: {error}") from None
        whole = [_of_line(line) for line in text.split(b"\n") if line.strip()]
    events = whole if isinstance(whole, list) else [whole]
    if not events:
        raise BadEvents("expected events, found an empty array")
    if len(events) > EVENTS_MAX:
        raise BadEvents(f"expected at most {EVENTS_MAX:,} events, got {len(events):,}; send smaller batches")
    return events


def _of_line(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None


def event_line(event: Any) -> dict[str, Any]:
    """One event as a line.

    Raises:
        BadEvent: it cannot be kept.
    """
    if not isinstance(event, dict):
        raise BadEvent('expected an object such as {"id": "…", "type": "linkup.locked", "entity": "linkup:42"}')
    if unknown := sorted(event.keys() - _KEYS):
        raise BadEvent(f"{unknown[0][:100]}: no such key; what is yours belongs into metadata")
    entity_type, entity_id = _who(event, "entity")
    actor_type, actor_id = _who(event, "actor")
    line: dict[str, Any] = {
        "id": _text(event, "id", ID_CHARACTERS_MAX, needed="an id by which a repetition is the same event"),
        "type": _text(event, "type", NAME_CHARACTERS_MAX, needed="what happened, such as linkup.locked"),
        "time": _time_ns(event),
        "entity_type": entity_type,
        "entity_id": entity_id,
        "actor_type": actor_type,
        "actor_id": actor_id,
        "sequence": _sequence(event),
        "state_from": _text(event, "from", NAME_CHARACTERS_MAX),
        "state_to": _text(event, "to", NAME_CHARACTERS_MAX),
        "correlation_id": _text(event, "correlation_id", NAME_CHARACTERS_MAX),
        "trace_id": _hex(event, "trace_id", _TRACE),
        "span_id": _hex(event, "span_id", _SPAN),
        "service": _text(event, "service", NAME_CHARACTERS_MAX),
        "environment": _text(event, "environment", NAME_CHARACTERS_MAX),
    }
    if (line["state_from"] or line["state_to"]) and not (entity_type and entity_id):
        raise BadEvent("entity: expected whose state it is, such as linkup:42")
    for name in ("before", "after", "metadata"):
        if (value := _object(event, name)) is not None:
            line[name] = value
    return line


def _text(event: Mapping[str, Any], name: str, characters_max: int, *, needed: str = "") -> str:
    value = event.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()):
        raise BadEvent(f"{name}: expected {needed or 'a text'}")
    if len(value) > characters_max:
        raise BadEvent(f"{name}: expected at most {characters_max} characters, got {len(value):,}")
    return value.strip()


def _who(event: Mapping[str, Any], name: str) -> tuple[str, str]:
    value = event.get(name)
    if value is None:
        return "", ""
    example = '"user:7"' if name == "actor" else '"linkup:42"'
    expected = (
        f"{name}: expected {example}, or an object with type and id, each a text of at most {NAME_CHARACTERS_MAX}"
    )
    if isinstance(value, str):
        kind, known = entity_of(value)
    elif isinstance(value, dict) and value.keys() <= {"type", "id"}:
        kind, known = value.get("type", ""), value.get("id", "")
        known = str(known) if isinstance(known, int) and not isinstance(known, bool) else known
    else:
        raise BadEvent(expected)
    for one in (kind, known):
        if not isinstance(one, str) or len(one) > NAME_CHARACTERS_MAX:
            raise BadEvent(expected)
    if name == "entity" and not (kind and known):
        raise BadEvent(expected)
    return kind, known


def _sequence(event: Mapping[str, Any]) -> int:
    value = event.get("sequence")
    if value is None:
        return -1
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= SEQUENCE_MAX:
        raise BadEvent("sequence: expected a whole number from 0 on")
    return value


def _time_ns(event: Mapping[str, Any]) -> int:
    value = event.get("time")
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, str | int | float) or str(value).startswith("now"):
        raise BadEvent("time: expected RFC 3339 (2026-11-20T22:57:07Z) or seconds since 1970")
    try:
        return parse_time(str(value), now_ns=0) or 1
    except BadRequest as error:
        raise BadEvent(error.message) from None


def _hex(event: Mapping[str, Any], name: str, form: re.Pattern[str]) -> str:
    value = event.get(name)
    if value is None or value == "":
        return ""
    text = value.replace("-", "").lower() if isinstance(value, str) else ""
    if not form.fullmatch(text):
        raise BadEvent(f"{name}: expected {32 if form is _TRACE else 16} hex digits, as W3C Trace Context has them")
    return text


def _object(event: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    value = event.get(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadEvent(f"{name}: expected an object")
    size = len(orjson.dumps(value))
    if size > OBJECT_BYTES_MAX:
        said = (
            f"{name}: {size:,} bytes are over {OBJECT_BYTES_MAX >> 10} KiB; keep what is large elsewhere, and name it"
        )
        raise BadEvent(said, status=413)
    if _depth(value) > DEPTH_MAX:
        raise BadEvent(f"{name}: expected values nested {DEPTH_MAX} deep at most")
    return value


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level and depth <= DEPTH_MAX:
        inner = [one for held in level for one in (held.values() if isinstance(held, dict) else held)]
        level = [one for one in inner if isinstance(one, dict | list)]
        depth += 1
    return depth
