"""Intervals of time as Alertmanager has them, and days that are holidays; both may name a zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

NANOSECONDS = 1_000_000_000
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Span:
    """Both ends are meant."""

    first: int
    last: int

    def has(self, number: int) -> bool:
        return self.first <= number <= self.last


@dataclass(frozen=True, slots=True)
class TimeInterval:
    """Of each kind of which something is said, one span has to hold the moment."""

    times: tuple[tuple[int, int], ...] = ()
    """Minutes of the day; the second is not meant."""
    weekdays: tuple[Span, ...] = ()
    """0: Sunday."""
    days_of_month: tuple[Span, ...] = ()
    """Negative: from the month's end, -1 its last day."""
    months: tuple[Span, ...] = ()
    years: tuple[Span, ...] = ()
    zone: ZoneInfo | None = None

    def holds(self, now_ns: int) -> bool:
        moment = datetime.fromtimestamp(now_ns // NANOSECONDS, self.zone or UTC)
        minute = moment.hour * 60 + moment.minute
        return (
            (not self.times or any(first <= minute < end for first, end in self.times))
            and (not self.days_of_month or any(_day_in(moment, span) for span in self.days_of_month))
            and _in(self.months, moment.month)
            and _in(self.weekdays, moment.isoweekday() % 7)
            and _in(self.years, moment.year)
        )


@dataclass(frozen=True, slots=True)
class Holidays:
    """Whole days in their zone."""

    dates: frozenset[date] = frozenset()
    every_year: frozenset[tuple[int, int]] = frozenset()
    """Month and day."""
    zone: ZoneInfo | None = None

    def holds(self, now_ns: int) -> bool:
        today = datetime.fromtimestamp(now_ns // NANOSECONDS, self.zone or UTC).date()
        return today in self.dates or (today.month, today.day) in self.every_year


Interval = TimeInterval | Holidays
Intervals = Mapping[str, Sequence[Interval]]


def holding(intervals: Intervals, names: Sequence[str], now_ns: int) -> list[str]:
    """Those of these names whose time it is. Raises KeyError for a name that is none."""
    return [name for name in names if any(one.holds(now_ns) for one in intervals[name])]


def _in(spans: tuple[Span, ...], number: int) -> bool:
    return not spans or any(span.has(number) for span in spans)


def _day_in(moment: datetime, span: Span) -> bool:
    days = _days_in_month(moment)
    first = span.first if span.first > 0 else days + span.first + 1
    last = span.last if span.last > 0 else days + span.last + 1
    # A span that begins after the month's end is not clamped to its last day.
    return first <= days and max(first, -days) <= moment.day <= min(last, days)


def _days_in_month(moment: datetime) -> int:
    after = date(moment.year + moment.month // 12, moment.month % 12 + 1, 1)
    return (after - date(moment.year, moment.month, 1)).days
