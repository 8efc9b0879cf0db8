"""Times and durations as templates see them: Go's `time.Time` and `time.Duration` with the methods people use."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from midwatch.server.gotemplate.errors import CallFailed

_SECOND = 1_000_000_000
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LAYOUT = re.compile(
    r"January|Jan|Monday|Mon|MST|2006|-07:00:00|-070000|-07:00|-0700|-07|Z07:00:00|Z070000|Z07:00|Z0700|Z07"
    r"|__2|002|_2006|_2|[.,]0+(?!\d)|[.,]9+(?!\d)|01|02|03|04|05|06|15|PM|pm|1|2|3|4|5"
)
_ZERO = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, order=True)
class Duration:
    nanoseconds: int
    go_type = "time.Duration"

    def go_string(self) -> str:
        """`1h2m3.5s`, as Go writes it."""
        left, sign = abs(self.nanoseconds), "-" if self.nanoseconds < 0 else ""
        if left == 0:
            return "0s"
        for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
            if left < size * 1000:
                return f"{sign}{_decimal(left, size)}{unit}"
        hours, left = divmod(left, 3600 * _SECOND)
        minutes, left = divmod(left, 60 * _SECOND)
        text = f"{hours}h" if hours else ""
        text += f"{minutes}m" if hours or minutes else ""
        return f"{sign}{text}{_decimal(left, _SECOND)}s"

    def go_field(self, name: str) -> Any:
        of = {"Hours": 3600 * _SECOND, "Minutes": 60 * _SECOND, "Seconds": _SECOND}
        if name in of:
            return lambda: self.nanoseconds / of[name]
        if name == "String":
            return self.go_string
        if name == "Milliseconds":
            return lambda: int(self.nanoseconds / 1_000_000)
        if name == "Round":
            return lambda to: Duration(_rounded(self.nanoseconds, to))
        if name == "Truncate":
            return lambda to: Duration(self.nanoseconds - self.nanoseconds % max(1, _nanoseconds(to)))
        raise KeyError(name)


@dataclass(frozen=True, order=True)
class Time:
    """`nanoseconds` since the epoch; None is Go's zero time."""

    nanoseconds: int | None
    zone: tzinfo = UTC
    go_type = "time.Time"

    def go_string(self) -> str:
        return self.format("2006-01-02 15:04:05.999999999 -0700 MST")

    def format(self, layout: str) -> str:
        """By Go's reference time, Mon Jan 2 15:04:05 MST 2006."""
        if not isinstance(layout, str):
            raise CallFailed("expected a layout such as 2006-01-02 15:04:05")
        moment, nanoseconds = self._moment(), (self.nanoseconds or 0) % _SECOND
        return _LAYOUT.sub(lambda found: _part(found[0], moment, nanoseconds), layout)

    def in_zone(self, name: str) -> "Time":
        """Raises CallFailed."""
        try:
            return Time(self.nanoseconds, UTC if name in ("", "UTC") else ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise CallFailed(f"unknown time zone {name[:100]!r}") from None

    def add(self, duration: Any) -> "Time":
        return Time((self.nanoseconds or 0) + _nanoseconds(duration), self.zone)

    def sub(self, other: Any) -> Duration:
        if not isinstance(other, Time):
            raise CallFailed("expected a time")
        return Duration((self.nanoseconds or 0) - (other.nanoseconds or 0))

    def go_field(self, name: str) -> Any:
        simple: dict[str, Callable[..., Any]] = {
            "Format": self.format,
            "String": self.go_string,
            "UTC": lambda: Time(self.nanoseconds, UTC),
            "Local": lambda: Time(self.nanoseconds, UTC),
            "Unix": lambda: (self.nanoseconds or 0) // _SECOND,
            "UnixMilli": lambda: (self.nanoseconds or 0) // 1_000_000,
            "UnixNano": lambda: self.nanoseconds or 0,
            "IsZero": lambda: self.nanoseconds is None,
            "Add": self.add,
            "Sub": self.sub,
            "After": lambda other: self.sub(other).nanoseconds > 0,
            "Before": lambda other: self.sub(other).nanoseconds < 0,
            "Equal": lambda other: self.sub(other).nanoseconds == 0,
        }
        if name in simple:
            return simple[name]
        parts: dict[str, Callable[[datetime], Any]] = {
            "Year": lambda at: at.year,
            "Month": lambda at: _MONTHS[at.month - 1],
            "Day": lambda at: at.day,
            "Hour": lambda at: at.hour,
            "Minute": lambda at: at.minute,
            "Second": lambda at: at.second,
            "Weekday": lambda at: _DAYS[at.weekday()],
            "YearDay": lambda at: at.timetuple().tm_yday,
        }
        if name in parts:
            return lambda: parts[name](self._moment())
        raise KeyError(name)

    def _moment(self) -> datetime:
        if self.nanoseconds is None:
            return _ZERO
        try:
            return datetime.fromtimestamp(self.nanoseconds // _SECOND, self.zone)
        except (OverflowError, OSError, ValueError):
            raise CallFailed("time out of range") from None


def _part(word: str, at: datetime, nanoseconds: int) -> str:
    if word[0] in ".,":
        digits = f"{nanoseconds:09d}"[: len(word) - 1].ljust(len(word) - 1, "0")
        if word[1] == "0":
            return word[0] + digits
        digits = digits.rstrip("0")
        return word[0] + digits if digits else ""
    if word[0] in "-Z":
        return _offset(word, at.utcoffset() or timedelta())
    hour = at.hour % 12 or 12
    simple: dict[str, object] = {
        "January": _MONTHS[at.month - 1],
        "Jan": _MONTHS[at.month - 1][:3],
        "Monday": _DAYS[at.weekday()],
        "Mon": _DAYS[at.weekday()][:3],
        "MST": _zone_name(at),
        "2006": f"{at.year:04d}",
        "_2006": f"_{at.year:04d}",
        "06": f"{at.year % 100:02d}",
        "01": f"{at.month:02d}",
        "1": at.month,
        "02": f"{at.day:02d}",
        "_2": f"{at.day:2d}",
        "2": at.day,
        "002": f"{at.timetuple().tm_yday:03d}",
        "__2": f"{at.timetuple().tm_yday:3d}",
        "15": f"{at.hour:02d}",
        "03": f"{hour:02d}",
        "3": hour,
        "04": f"{at.minute:02d}",
        "4": at.minute,
        "05": f"{at.second:02d}",
        "5": at.second,
        "PM": "PM" if at.hour >= 12 else "AM",
        "pm": "pm" if at.hour >= 12 else "am",
    }
    return str(simple[word])


def _zone_name(at: datetime) -> str:
    """Of a zone that has none, its offset."""
    name = at.tzname() or ""
    return name if name and not name.startswith(("UTC+", "UTC-")) else _offset("-0700", at.utcoffset() or timedelta())


def _offset(word: str, offset: timedelta) -> str:
    seconds = int(offset.total_seconds())
    if word[0] == "Z" and seconds == 0:
        return "Z"
    sign, seconds = "-" if seconds < 0 else "+", abs(seconds)
    colon = ":" if ":" in word else ""
    parts = [f"{seconds // 3600:02d}", f"{seconds // 60 % 60:02d}", f"{seconds % 60:02d}"]
    count = {3: 1, 5: 2, 6: 2, 7: 3, 9: 3}[len(word)]
    return sign + colon.join(parts[:count])


def _decimal(value: int, size: int) -> str:
    whole, rest = divmod(value, size)
    digits = f"{rest:0{len(str(size)) - 1}d}".rstrip("0") if size > 1 else ""
    return f"{whole}.{digits}" if digits else str(whole)


def _nanoseconds(value: Any) -> int:
    if isinstance(value, Duration):
        return value.nanoseconds
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise CallFailed("expected a duration")


def _rounded(value: int, to: Any) -> int:
    size = _nanoseconds(to)
    if size <= 0:
        return value
    half = abs(value) + size // 2
    return (half - half % size) * (-1 if value < 0 else 1)


def fixed_zone(seconds: int) -> tzinfo:
    return timezone(timedelta(seconds=seconds))
