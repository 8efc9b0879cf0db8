"""Ranges of time as callers write them: RFC 3339, epoch numbers, or relative to now (`now-1h`)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from midwatch.server.model.errors import BadRequest

_RELATIVE = re.compile(r"now(?:-(\d+(?:\.\d+)?)(ms|s|m|h|d|w))?")
_UNIT_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_FRACTION = re.compile(r"\.(\d{1,9})\d*")
TIME_NS_MAX = 9_223_372_036_000_000_000
"""The last whole second that DateTime64(9) holds: 2262-04-11."""
TIME_NS_MIN = -2_208_988_800_000_000_000
"""1900-01-01, the first day that DateTime64 holds."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Half open: start ≤ t < end, integer nanoseconds since the epoch."""

    start_ns: int
    end_ns: int

    @property
    def seconds(self) -> float:
        return (self.end_ns - self.start_ns) / 1e9

    def before(self) -> "TimeRange":
        """The equally long range that ends where this one starts."""
        return TimeRange(self.start_ns - (self.end_ns - self.start_ns), self.start_ns)


def parse_range(start: str | None, end: str | None, *, now_ns: int, default_seconds: float = 3600) -> TimeRange:
    """Read two times; the end defaults to now and the start to `default_seconds` before the end.

    Raises:
        BadRequest: a time that cannot be read, or an end that is not after its start.
    """
    end_ns = parse_time(end, now_ns=now_ns, name="end") if end else now_ns
    start_ns = parse_time(start, now_ns=now_ns, name="start") if start else end_ns - int(default_seconds * 1e9)
    if end_ns <= start_ns:
        raise BadRequest(f"end={end or 'now'}: expected a time after start={start}")
    return TimeRange(start_ns, end_ns)


def parse_time(text: str, *, now_ns: int, name: str = "time") -> int:
    """Read one time into nanoseconds since the epoch; epoch numbers are told apart by their size (s, ms, µs, ns)."""
    text = text.strip()
    if match := _RELATIVE.fullmatch(text):
        seconds = float(match[1]) * _UNIT_SECONDS[match[2]] if match[1] else 0.0
        return _bounded(now_ns - int(seconds * 1e9), text, name)
    try:
        return _bounded(_parse_epoch(text), text, name)
    except ValueError:
        pass
    try:
        fraction = _FRACTION.search(text)
        moment = datetime.fromisoformat(_FRACTION.sub("", text, count=1))
    except ValueError:
        raise BadRequest(
            f"{name}={text!r}: expected RFC 3339 (2026-11-20T22:57:07Z), an epoch number, or now-1h"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    whole = moment - datetime(1970, 1, 1, tzinfo=UTC)
    nanos = int(fraction[1].ljust(9, "0")) if fraction else 0
    return _bounded((whole.days * 86400 + whole.seconds) * 1_000_000_000 + nanos, text, name)


def format_time(time_ns: int) -> str:
    """RFC 3339 in UTC with nine digits of fraction."""
    seconds, nanos = divmod(time_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanos:09d}Z"


def _parse_epoch(text: str) -> int:
    number = float(text)
    size = abs(number)
    if not size < 1e20:
        raise ValueError(text)
    if size < 1e11:
        scale = 1_000_000_000
    elif size < 1e14:
        scale = 1_000_000
    elif size < 1e17:
        scale = 1_000
    else:
        scale = 1
    return int(text) * scale if text.lstrip("-").isdigit() else int(number * scale)


def _bounded(time_ns: int, text: str, name: str) -> int:
    if not TIME_NS_MIN <= time_ns <= TIME_NS_MAX:
        raise BadRequest(f"{name}={text!r}: expected a time between 1900 and 2262")
    return time_ns
