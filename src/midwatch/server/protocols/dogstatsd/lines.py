"""DogStatsD's lines → what they say (Datadog's "Datagram Format", protocol 1.0 to 1.6).

    <name>:<value>[:<value>…]|<c|g|ms|h|d|s>[|@<rate>][|#<tags>][|T<seconds>][|c:…][|e:…][|card:…]
    _e{<title bytes>,<text bytes>}:<title>|<text>[|d:…][|h:…][|k:…][|p:…][|s:…][|t:…][|#<tags>]
    _sc|<name>|<status>[|d:…][|h:…][|#<tags>][|m:<message>]

The fields by which the Datadog agent looks up a sender's container (`c:`, `e:`, `card:`) are read over: there is no
such registry here, and an id in every series would make a new one of each restart.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

Tags = tuple[tuple[str, str], ...]
"""Sorted by key, each key once."""

FLAG_VALUE = "true"
"""Value of a tag that is a word alone: an empty one would be no label."""
TIME_SECONDS_MAX = 9_223_372_036


class BadLine(Exception):
    """The line is not understood; the message says what was expected."""


class Kind(StrEnum):
    """By the letters on the wire."""

    COUNT = "c"
    GAUGE = "g"
    TIMER = "ms"
    HISTOGRAM = "h"
    DISTRIBUTION = "d"
    SET = "s"


DISTRIBUTED = frozenset({Kind.TIMER, Kind.HISTOGRAM, Kind.DISTRIBUTION})
_KINDS = {kind.value.encode(): kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Head:
    """What a metric's line says besides its values."""

    name: str
    kind: Kind
    tags: Tags
    weight: float
    """How many happenings a value stands for: 1 / sample rate."""
    time_seconds: int | None
    """Where set, the sender aggregated already, for this time."""


@dataclass(frozen=True, slots=True)
class Event:
    title: str
    text: str
    tags: Tags
    time_seconds: int | None
    alert_type: str
    fields: Tags
    """Host, aggregation key, priority and source, those that were sent."""


@dataclass(frozen=True, slots=True)
class ServiceCheck:
    name: str
    status: int
    message: str
    tags: Tags
    time_seconds: int | None
    host: str


def read_head(name: bytes, fields: bytes) -> Head:
    """`name` is what stands before the first colon, `fields` what follows the bar after the values.

    Raises BadLine.
    """
    if not name:
        raise BadLine("expected a name before the colon")
    letters, *more = fields.split(b"|")
    kind = _KINDS.get(letters)
    if kind is None:
        raise BadLine(f"type={_shown(letters)}: expected c, g, ms, h, d or s")
    tags: Tags = ()
    weight, time_seconds = 1.0, None
    for field in more:
        if field.startswith(b"#"):
            tags = read_tags(field[1:])
        elif field.startswith(b"@"):
            weight = _weight(field[1:])
        elif field.startswith(b"T"):
            time_seconds = _time(field[1:])
    if time_seconds is not None and kind not in (Kind.COUNT, Kind.GAUGE):
        raise BadLine("expected a time on a count or gauge only")
    if kind in (Kind.GAUGE, Kind.SET):
        weight = 1.0
    return Head(_text(name), kind, tags, weight, time_seconds)


def read_values(text: bytes) -> list[float]:
    """One value or several, joined by colons.

    Raises BadLine.
    """
    try:
        found = [float(one) for one in text.split(b":")] if b":" in text else [float(text)]
    except ValueError:
        found = []
    # Python takes 1_000, infinity and what is no number.
    if not found or b"_" in text or not all(map(isfinite, found)):
        raise BadLine(f"value={_shown(text)}: expected a number")
    return found


def read_tags(text: bytes) -> Tags:
    """Of a key that stands several times, all values are kept, joined by semicolons. Raises BadLine."""
    found: dict[str, list[str]] = {}
    for tag in _text(text).split(","):
        key, _, value = tag.strip().partition(":")
        if key:
            values = found.setdefault(key, [])
            if (value or FLAG_VALUE) not in values:
                values.append(value or FLAG_VALUE)
    return tuple(sorted((key, ";".join(sorted(values))) for key, values in found.items()))


_EVENT = re.compile(rb"_e\{(\d{1,6}),(\d{1,6})\}:")
_EVENT_FIELDS = {"h": "host.name", "k": "aggregation_key", "p": "priority", "s": "source_type_name"}
ALERT_TYPES = ("info", "success", "warning", "error")


def read_event(line: bytes) -> Event:
    """Raises BadLine."""
    head = _EVENT.match(line)
    if head is None:
        raise BadLine("expected _e{<title bytes>,<text bytes>}:")
    title_end = head.end() + int(head[1])
    text_end = title_end + 1 + int(head[2])
    rest = line[text_end:]
    if line[title_end : title_end + 1] != b"|" or text_end > len(line) or (rest and not rest.startswith(b"|")):
        raise BadLine(f"expected {int(head[1])} bytes of title, a bar and {int(head[2])} bytes of text")
    title = _text(line[head.end() : title_end])
    if not title:
        raise BadLine("expected a title")
    sent, tags = _fields(rest)
    alert_type = sent.get("t", "info")
    if alert_type not in ALERT_TYPES:
        raise BadLine(f"t:{alert_type[:40]}: expected one of {', '.join(ALERT_TYPES)}")
    return Event(
        title=_unescaped(title),
        text=_unescaped(_text(line[title_end + 1 : text_end])),
        tags=tags,
        time_seconds=_time(sent["d"].encode()) if "d" in sent else None,
        alert_type=alert_type,
        fields=tuple((name, sent[letter]) for letter, name in _EVENT_FIELDS.items() if sent.get(letter)),
    )


def read_service_check(line: bytes) -> ServiceCheck:
    """Raises BadLine."""
    parts = line.split(b"|", 3)
    if len(parts) < 3 or parts[0] != b"_sc" or not parts[1]:
        raise BadLine("expected _sc|<name>|<status>")
    if parts[2] not in (b"0", b"1", b"2", b"3"):
        raise BadLine(f"status={_shown(parts[2])}: expected 0 (ok), 1 (warning), 2 (critical) or 3 (unknown)")
    sent, tags = _fields(b"|" + parts[3] if len(parts) > 3 else b"")
    return ServiceCheck(
        name=_text(parts[1]),
        status=int(parts[2]),
        message=_unescaped(sent.get("m", "").replace("m\\:", "m:")),
        tags=tags,
        time_seconds=_time(sent["d"].encode()) if "d" in sent else None,
        host=sent.get("h", ""),
    )


def _fields(text: bytes) -> tuple[dict[str, str], Tags]:
    """`|d:…|#a:b` by letter, and the tags."""
    sent: dict[str, str] = {}
    tags: Tags = ()
    for field in text.split(b"|")[1:]:
        if field.startswith(b"#"):
            tags = read_tags(field[1:])
        elif field[1:2] == b":":
            sent[_text(field[:1])] = _text(field[2:])
    return sent, tags


def _weight(text: bytes) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 1:
        raise BadLine(f"@{_shown(text)}: expected a sample rate above 0 and at most 1")
    return 1 / rate


def _time(text: bytes) -> int:
    if not text.isdigit() or not 0 < int(text[:20]) <= TIME_SECONDS_MAX:
        raise BadLine(f"time={_shown(text)}: expected seconds since 1970")
    return int(text)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise BadLine("expected UTF-8") from None


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n")


def _shown(raw: bytes) -> str:
    return repr(raw[:40].decode(errors="replace"))
