"""Captured events → the lines that the write-ahead log holds; `store/flatten/product_events.py` reads them.

A line is one event as JSON: `u` uuid, `e` name, `d` distinct id, `t` its time, `o` how long before its sending it was
and `s` when it was sent (nanoseconds; 0: not said), `p` properties, `set` and `once` of its person, and `l` a distinct
id that belongs to the same person, by `k` (identify, alias, merge).
"""

import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import xxhash

from midwatch.server.model.errors import BadRequest
from midwatch.server.model.timerange import parse_time
from midwatch.server.protocols.posthog.bodies import BadCapture

EVENTS_MAX = 10_000
"""In one body."""
DISTINCT_ID_CHARACTERS_MAX = 400
UUID_CHARACTERS_MAX = 64
TOLD_MAX = 20
"""Refused events of a body that its answer names."""
OFFSET_MS_MAX = 366 * 86_400_000
NOBODY = frozenset(
    {
        *("", "0", "null", "undefined", "none", "nan", "nil", "false", "true", "guest", "anonymous", "distinct_id"),
        *("distinctid", "id", "not_authenticated", "email", "[object object]", "unknown"),
    }
)
"""Ids that programs send by mistake: two people who share one are not one person."""
_ALIASES = {"$create_alias": "alias", "$merge_dangerously": "merge"}
_OF_THE_REQUEST = ("token", "api_key", "distinct_id", "$set", "$set_once", "$ignore_sent_at")
"""Properties that say something to the door; the key among them is nobody's to read."""
_OPTIONS = {"process_person_profile": "$process_person_profile", "product_tour_id": "$product_tour_id"}
_TOP_LEVEL = {"session_id": "$session_id", "window_id": "$window_id"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a request says of all of its events."""

    sent_ns: int = 0
    lib: str = ""
    lib_version: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that is not kept."""

    index: int
    uuid: str
    reason: str


@dataclass(slots=True)
class Captured:
    """What a body has."""

    key: str
    """The ingest key in it; empty where it has none."""
    lines: bytes = b""
    retry_is_copy: bool = True
    """False where the same bytes again may be other events."""
    uuids: list[str] = field(default_factory=list)
    """Of the events that are kept."""
    refused: list[Refused] = field(default_factory=list)

    @property
    def events(self) -> int:
        return len(self.uuids)


def captured(body: Any, told: Told, seed: bytes) -> Captured:
    """The body's events as lines. `seed`: the body as it came, which names events that have no uuid.

    Raises:
        BadCapture: it has no events, or none that can be kept.
    """
    events, envelope = _events(body)
    if len(events) > EVENTS_MAX:
        raise BadCapture(f"the body has {len(events):,} events: expected at most {EVENTS_MAX:,}; send smaller batches")
    found = Captured(_key(envelope, events))
    told = Told(time_ns(envelope.get("sent_at")) or told.sent_ns, told.lib, told.lib_version)
    digest = xxhash.xxh3_128(seed).hexdigest()
    lines = []
    for index, event in enumerate(events):
        try:
            line = _line(event, told, f"{digest}-{index}")
            lines.append(orjson.dumps(line))
        except (BadCapture, orjson.JSONEncodeError, TypeError) as error:
            uuid = event.get("uuid") if isinstance(event, dict) else ""
            found.refused.append(Refused(index, uuid if isinstance(uuid, str) else "", str(error)))
            continue
        found.uuids.append(line["u"])
        found.retry_is_copy = found.retry_is_copy and (event.get("uuid") is not None or line["t"] != 0)
    if found.refused and not lines:
        first = found.refused[0]
        raise BadCapture(f"event {first.index}: {first.reason}")
    found.lines = b"\n".join(lines)
    return found


def _events(body: Any) -> tuple[list[Any], Mapping[str, Any]]:
    """The events, and what stands around them."""
    if isinstance(body, list):
        return _some(body), {}
    if not isinstance(body, dict):
        raise BadCapture('expected an event, an array of events, or {"api_key": …, "batch": [event, …]}')
    for name in ("batch", "data"):
        if isinstance(inner := body.get(name), list):
            return _some(inner), body
        if inner is not None and "event" not in body:
            raise BadCapture(f"{name}: expected an array of events")
    return [body], body


def _some(events: list[Any]) -> list[Any]:
    if not events:
        raise BadCapture("expected events, found an empty array")
    return events


def _key(envelope: Mapping[str, Any], events: list[Any]) -> str:
    first = events[0] if isinstance(events[0], dict) else {}
    properties = first.get("properties")
    for place in (envelope, first, properties if isinstance(properties, dict) else {}):
        for name in ("api_key", "token", "$token"):
            if isinstance(value := place.get(name), str) and value:
                return value
    return ""


def _line(event: Any, told: Told, derived: str) -> dict[str, Any]:
    if not isinstance(event, dict):
        raise BadCapture('expected an object: {"event": "signed up", "distinct_id": "user-1", "properties": {}}')
    properties = _object(event, "properties")
    options = _object(event, "options")
    name = _name(event)
    distinct_id = _distinct_id(event, properties)
    at_ns = time_ns(event.get("timestamp"))
    given = {sent: properties.get(sent, event.get(sent)) for sent in ("$set", "$set_once")}
    line: dict[str, Any] = {
        "u": _uuid(event, derived if at_ns else secrets.token_hex(16)),
        "e": name,
        "d": distinct_id,
        "t": at_ns,
        "o": 0 if at_ns else _offset_ns(event),
        "s": told.sent_ns,
        "p": _kept(event, properties, options, told),
        "set": given["$set"] if isinstance(given["$set"], dict) else {},
        "once": given["$set_once"] if isinstance(given["$set_once"], dict) else {},
    }
    if properties.get("$ignore_sent_at") is True or options.get("disable_skew_correction") is True:
        line["s"] = 0
    other, kind = _same_person(name, properties)
    if other and other != distinct_id and not {other.lower(), distinct_id.lower()} & NOBODY:
        line |= {"l": other, "k": kind}
    return line


def _object(event: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = event.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise BadCapture(f"{name}: expected an object")
    return found


def _name(event: Mapping[str, Any]) -> str:
    name = event.get("event")
    if name is None and ("$set" in event or "$set_once" in event):  # of `/engage`, which has no names
        return "$set"
    if not isinstance(name, str) or not name.strip():
        raise BadCapture('event: expected the name of the event, such as "signed up"')
    return name.strip()


def _distinct_id(event: Mapping[str, Any], properties: Mapping[str, Any]) -> str:
    for place in (event, properties):
        for name in ("distinct_id", "$distinct_id"):
            if (found := _id(place.get(name))) is not None:
                return found
    raise BadCapture("distinct_id: expected whose event it is, a text or a number")


def _id(value: Any) -> str | None:
    """A text or a number as an id; long ones are cut, as PostHog cuts them."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value).strip()[:DISTINCT_ID_CHARACTERS_MAX]
    return text or None


def _uuid(event: Mapping[str, Any], derived: str) -> str:
    sent = event.get("uuid")
    if sent is None:
        return derived
    if not isinstance(sent, str) or not 0 < len(sent) <= UUID_CHARACTERS_MAX:
        raise BadCapture("uuid: expected a UUID as a text")
    return sent.lower()


def time_ns(value: Any) -> int:
    """Nanoseconds, of RFC 3339 or a number; 0 for none. An event is kept where its time cannot be read."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return 0
    text = str(value)
    if not text or text.startswith("now"):
        return 0
    try:
        return parse_time(text, now_ns=0)
    except BadRequest:
        return 0


def _offset_ns(event: Mapping[str, Any]) -> int:
    offset = event.get("offset")
    if isinstance(offset, bool) or not isinstance(offset, int | float) or not math.isfinite(offset):
        return 0
    return int(min(max(offset, 0), OFFSET_MS_MAX) * 1e6)


def _kept(
    event: Mapping[str, Any], properties: Mapping[str, Any], options: Mapping[str, Any], told: Told
) -> dict[str, Any]:
    """The properties, with what newer SDKs put beside them under the names that older ones use."""
    kept = {name: value for name, value in properties.items() if name not in _OF_THE_REQUEST}
    beside = {property_: event.get(name) for name, property_ in _TOP_LEVEL.items()}
    beside |= {property_: options.get(name) for name, property_ in _OPTIONS.items()}
    beside |= {"$lib": told.lib or None, "$lib_version": told.lib_version or None}
    for name, value in beside.items():
        if value is not None:
            kept.setdefault(name, value)
    return kept


def _same_person(name: str, properties: Mapping[str, Any]) -> tuple[str, str]:
    """Another distinct id of the event's person, and what said so."""
    if name == "$identify":
        return _id(properties.get("$anon_distinct_id")) or "", "identify"
    if (kind := _ALIASES.get(name)) is not None:
        return _id(properties.get("alias")) or "", kind
    return "", ""
