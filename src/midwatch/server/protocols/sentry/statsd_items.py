"""Item `statsd`: metrics as SDKs sent them until 2024, a line each: `name@unit:1:2|c|#key:value|T1700000000`."""

import math
from zlib import crc32

from midwatch.server.protocols.sentry.gathered import Telemetry
from midwatch.server.protocols.sentry.metric_items import LABELS_MAX, NAME_CHARACTERS_MAX, VALUE_CHARACTERS_MAX, unit_of
from midwatch.server.protocols.sentry.reading import BadItem, number
from midwatch.server.protocols.sentry.sent import Origin, Sent
from midwatch.server.protocols.sentry.sums import Kind

LINES_MAX = 10_000
VALUES_MAX = 10_000
"""Of one line."""
_KINDS: dict[str, Kind] = {"c": "counter", "d": "distribution", "g": "gauge", "s": "gauge"}
_IN_RESOURCE = frozenset({"release", "environment", "service"})


def take_statsd(payload: bytes, sent: Sent, into: Telemetry) -> None:
    """Raises BadItem."""
    try:
        lines = payload.decode().splitlines()
    except UnicodeDecodeError:
        raise BadItem("expected lines in UTF-8") from None
    if len(lines) > LINES_MAX:
        raise BadItem(f"expected at most {LINES_MAX:,} lines, not {len(lines):,}")
    for line in lines:
        if line.strip() and not _put(line, sent, into):
            into.skipped["metric_invalid"] += 1


def _put(line: str, sent: Sent, into: Telemetry) -> bool:
    head, *fields = line.split("|")
    named, *values = head.split(":")
    name, _, unit = named.partition("@")
    kind = _KINDS.get(fields[0]) if fields else None
    if not name or kind is None or not values or len(values) > VALUES_MAX:
        return False
    tags: dict[str, str] = {}
    at_ns = sent.received_ns
    for field in fields[1:]:
        if field.startswith("#"):
            tags |= dict(_tag(one) for one in field[1:].split(",")[:LABELS_MAX] if one)
        elif field.startswith("T"):
            at_ns = sent.time(field[1:]) or at_ns
    labels = [(key, value) for key, value in tags.items() if key and value and key not in _IN_RESOURCE]
    origin = _origin(sent, tags)
    for value in _values(fields[0], values):
        if math.isfinite(value) and not (kind == "counter" and value < 0):
            into.sums.add(origin, name[:NAME_CHARACTERS_MAX], kind, value, at_ns, unit=unit_of(unit), labels=labels)
    return True


def _values(letter: str, sent: list[str]) -> list[float]:
    """A gauge comes as last, min, max, sum and count; of a set, how many there are."""
    if letter == "s":
        return [float(len({crc32(one.encode()) for one in sent}))]
    found = [one for one in map(number, sent) if one is not None]
    return found[:1] if letter == "g" else found


def _origin(sent: Sent, tags: dict[str, str]) -> Origin:
    return sent.origin(
        service=tags.get("service", ""), release=tags.get("release"), environment=tags.get("environment")
    )


def _tag(text: str) -> tuple[str, str]:
    key, _, value = text.partition(":")
    return key[:NAME_CHARACTERS_MAX], value[:VALUE_CHARACTERS_MAX]
