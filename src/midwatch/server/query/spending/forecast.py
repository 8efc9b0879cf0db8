"""What a period will have cost when it is over; pure.

What was spent so far, and for the rest of it the mean of the last whole days: a week of them, so that weekends have
their weight. Before there is a whole day, what today brings; before that is an hour, nobody can tell. Fees by the month
are known, and are no part of that mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from midwatch.contract.plan.money import day_ns
from midwatch.contract.plan.sections.budgets import Period
from midwatch.server.model.timerange import TimeRange

DAYS = 7
DAY_NS = 86_400_000_000_000
TODAY_NS_MIN = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class Forecast:
    spent: Decimal
    expected: Decimal | None
    """At the end of the period; None: too little is known."""
    a_day: Decimal | None
    """What the rest is reckoned with, beside fees."""
    days: int
    """Whole days that it is the mean of; 0: of today's hours."""


def period_of(period: Period, now_ns: int) -> TimeRange:
    """The calendar day, week (from Monday) or month of a time, in UTC."""
    today = datetime.fromtimestamp(now_ns // 1_000_000_000, UTC).date()
    if period == "day":
        first, after = today, today + timedelta(days=1)
    elif period == "week":
        first = today - timedelta(days=today.weekday())
        after = first + timedelta(days=7)
    else:
        first = today.replace(day=1)
        after = (first + timedelta(days=31)).replace(day=1)
    return TimeRange(day_ns(first), day_ns(after))


def history_start_ns(span: TimeRange, now_ns: int) -> int:
    """From when on days are needed: the period, and the days before today that tell how much a day is."""
    return min(span.start_ns, now_ns // DAY_NS * DAY_NS - DAYS * DAY_NS)


def forecast(
    days: Mapping[date, Decimal],
    span: TimeRange,
    now_ns: int,
    *,
    fees: Mapping[date, Decimal] = MappingProxyType({}),
) -> Forecast:
    """`days`: what each day cost, from `history_start_ns` on; those without any may be missing. `fees`: what of it are
    fees, and those of the days to come."""
    today = datetime.fromtimestamp(now_ns // 1_000_000_000, UTC).date()
    first = datetime.fromtimestamp(span.start_ns // 1_000_000_000, UTC).date()
    spent = sum((amount for day, amount in days.items() if first <= day <= today), Decimal(0))
    to_come = sum((fee for day, fee in fees.items() if day > today), Decimal(0))
    days = {day: amount - fees.get(day, 0) for day, amount in days.items()}
    whole = [today - timedelta(days=back) for back in range(1, DAYS + 1)]
    # Days before the first use tell nothing; those without a use after it are days like any other.
    begun = min((day for day, amount in days.items() if amount), default=today)
    whole = [day for day in whole if day >= begun]
    today_ns = now_ns - day_ns(today)
    if whole:
        a_day = sum((days.get(day, Decimal(0)) for day in whole), Decimal(0)) / len(whole)
    elif days.get(today) and today_ns >= TODAY_NS_MIN:
        a_day = days[today] * DAY_NS / today_ns
    elif any(fees.values()):
        a_day = Decimal(0)
    else:
        return Forecast(spent, None, None, 0)
    left = Decimal(max(0, span.end_ns - now_ns)) / DAY_NS
    return Forecast(spent, spent + a_day * left + to_come, a_day, len(whole))
