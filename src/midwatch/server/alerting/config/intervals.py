"""How intervals of time are written, and what they mean."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from midwatch.contract.plan.section import Model
from midwatch.server.alerting.times import Holidays, Span, TimeInterval

INTERVALS_MAX = 1000
_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_TIME = re.compile(r"(?:([01]\d|2[0-3]):([0-5]\d))|24:00")
_YEARLY = re.compile(r"(\d\d)-(\d\d)")


def minute_of(text: str) -> int:
    """Of `HH:MM`, up to 24:00. Raises ValueError."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError("expected a time of day as HH:MM, from 00:00 to 24:00")
    return 24 * 60 if found[1] is None else int(found[1]) * 60 + int(found[2])


def _span(text: str, member: Callable[[str], int], expected: str) -> Span:
    parts = text.lower().split(":")
    if len(parts) > 2:
        raise ValueError(f"expected {expected}")
    try:
        return Span(member(parts[0]), member(parts[-1]))
    except ValueError:
        raise ValueError(f"expected {expected}") from None


def weekday_span(text: str) -> Span:
    found = _span(text, _WEEKDAYS.index, "a day of the week such as monday, or a range such as monday:friday")
    if found.first > found.last:
        raise ValueError("expected the first day before the last; the week begins with sunday: write two ranges")
    return found


def month_span(text: str) -> Span:
    expected = "a month such as january or 1, or a range such as january:march"
    found = _span(text, lambda part: _MONTHS.index(part) + 1 if part in _MONTHS else _whole(part), expected)
    if not (1 <= found.first <= 12 and 1 <= found.last <= 12):
        raise ValueError(f"expected {expected}")
    if found.first > found.last:
        raise ValueError("expected the first month before the last; write two ranges where the year ends between them")
    return found


def year_span(text: str) -> Span:
    found = _span(text, _whole, "a year, or a range such as 2026:2028")
    if found.first > found.last:
        raise ValueError("expected the first year before the last")
    return found


def day_span(text: str) -> Span:
    """Of a month; negative days count from its end."""
    expected = "a day of the month from 1 to 31, or from -1 (the last) to -31, or a range such as 1:5 or -3:-1"
    found = _span(text, _whole, expected)
    if 0 in (found.first, found.last) or abs(found.first) > 31 or abs(found.last) > 31:
        raise ValueError(f"expected {expected}")
    if found.first < 0 < found.last:
        raise ValueError("expected a last day from the month's end, too, where the first one is")
    # Of 28 days, the shortest month: what is the wrong way round in every month.
    if (found.first if found.first > 0 else 28 + found.first) > (found.last if found.last > 0 else 28 + found.last):
        raise ValueError("expected the first day before the last")
    return found


def _whole(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,9}", text):
        raise ValueError
    return int(text)


def zone_of(text: str) -> ZoneInfo:
    """Raises ValueError."""
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("expected a time zone such as Europe/Berlin or UTC") from None


def _checked(read: Callable[[str], object]) -> AfterValidator:
    def check(text: str) -> str:
        read(text)
        return text

    return AfterValidator(check)


Many = Field(default=(), max_length=INTERVALS_MAX)


class TimeRangeConfig(Model):
    start_time: Annotated[str, _checked(minute_of)]
    end_time: Annotated[str, _checked(minute_of)]

    @model_validator(mode="after")
    def _in_order(self) -> "TimeRangeConfig":
        if minute_of(self.start_time) >= minute_of(self.end_time):
            raise ValueError("expected a start_time before the end_time; write two ranges where midnight is between")
        return self


class TimeIntervalConfig(Model):
    times: tuple[TimeRangeConfig, ...] = Many
    weekdays: tuple[Annotated[str, _checked(weekday_span)], ...] = Many
    days_of_month: tuple[Annotated[str, _checked(day_span)], ...] = Many
    months: tuple[Annotated[str, _checked(month_span)], ...] = Many
    years: tuple[Annotated[str, _checked(year_span)], ...] = Many
    location: Annotated[str, _checked(zone_of)] = "UTC"

    def interval(self) -> TimeInterval:
        return TimeInterval(
            times=tuple((minute_of(one.start_time), minute_of(one.end_time)) for one in self.times),
            weekdays=tuple(map(weekday_span, self.weekdays)),
            days_of_month=tuple(map(day_span, self.days_of_month)),
            months=tuple(map(month_span, self.months)),
            years=tuple(map(year_span, self.years)),
            zone=zone_of(self.location),
        )


class NamedIntervals(Model):
    name: Annotated[str, Field(min_length=1, max_length=300)]
    time_intervals: tuple[TimeIntervalConfig, ...] = Many


def holiday_of(text: str) -> date | tuple[int, int]:
    """Of `2026-12-25`, or `12-25` for that of every year. Raises ValueError."""
    expected = "a day such as 2026-12-25, or 12-25 for every year"
    try:
        if (found := _YEARLY.fullmatch(text)) is not None:
            date(2024, int(found[1]), int(found[2]))
            return int(found[1]), int(found[2])
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected {expected}") from None


class HolidaysConfig(Model):
    """Ours: days that routes name beside intervals of time."""

    name: Annotated[str, Field(min_length=1, max_length=300)]
    dates: tuple[Annotated[str, _checked(holiday_of)], ...] = Field(min_length=1, max_length=INTERVALS_MAX)
    location: Annotated[str, _checked(zone_of)] = "UTC"

    def interval(self) -> Holidays:
        found = [holiday_of(text) for text in self.dates]
        return Holidays(
            dates=frozenset(one for one in found if isinstance(one, date)),
            every_year=frozenset(one for one in found if isinstance(one, tuple)),
            zone=zone_of(self.location),
        )

    def in_alertmanagers_words(self) -> list[dict[str, object]]:
        """The same days as intervals that Alertmanager can read."""
        made: list[dict[str, object]] = []
        for one in map(holiday_of, self.dates):
            month, day = (one.month, one.day) if isinstance(one, date) else one
            years = {"years": [str(one.year)]} if isinstance(one, date) else {}
            made.append({"days_of_month": [str(day)], "months": [str(month)], **years, "location": self.location})
        return made
