"""What a period will have cost: by the last whole days, by today's hours, or not at all."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from midwatch.contract.plan.sections.budgets import Period
from midwatch.server.query.spending.forecast import forecast, history_start_ns, period_of


def nanos(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp()) * 10**9  # type: ignore[misc,arg-type]


def days(first: date, *amounts: int) -> dict[date, Decimal]:
    return {first + timedelta(days=at): Decimal(amount) for at, amount in enumerate(amounts)}


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("day", (2026, 12, 31), (2027, 1, 1)),
        ("week", (2026, 12, 28), (2027, 1, 4)),
        ("month", (2026, 12, 1), (2027, 1, 1)),
    ],
)
def test_periods_are_of_the_calendar(period: Period, start: tuple[int, ...], end: tuple[int, ...]) -> None:
    span = period_of(period, nanos(2026, 12, 31, 23, 59))
    assert (span.start_ns, span.end_ns) == (nanos(*start), nanos(*end))


def test_the_last_whole_week_goes_on() -> None:
    """Noon of the 11th: ten days at 10 and today's 3, then 20.5 days at the mean of the week before today."""
    now = nanos(2026, 6, 11, 12)
    spent = days(date(2026, 6, 1), 90, 0, 0, *[10] * 6, 24, 3)
    found = forecast(spent, period_of("month", now), now)
    assert (found.spent, found.days, found.a_day) == (177, 7, Decimal(12))
    assert found.expected == Decimal(177) - 0 + Decimal(12) * Decimal("19.5")


def test_the_first_day_has_the_month_before() -> None:
    """Days of it tell the pace; none of them is spent in this month."""
    now = nanos(2026, 6, 1, 0, 30)
    assert history_start_ns(period_of("month", now), now) == nanos(2026, 5, 25)
    found = forecast(days(date(2026, 5, 25), *[10] * 7), period_of("month", now), now)
    assert (found.spent, found.days) == (0, 7)
    assert found.expected == Decimal(10) * (Decimal(30) - Decimal(30) / (24 * 60))


def test_the_first_use_ever_was_today() -> None:
    """After an hour today's pace goes on; before it nobody can tell."""
    span = period_of("day", nanos(2026, 6, 1))
    spent = {date(2026, 6, 1): Decimal(6)}
    assert forecast(spent, span, nanos(2026, 6, 1, 0, 59)).expected is None
    found = forecast(spent, span, nanos(2026, 6, 1, 6))
    assert (found.expected, found.days) == (24, 0)


def test_days_before_the_first_use_tell_nothing() -> None:
    now = nanos(2026, 6, 11)
    found = forecast({date(2026, 6, 9): Decimal(8), date(2026, 6, 10): Decimal(4)}, period_of("month", now), now)
    assert (found.days, found.a_day, found.expected) == (2, 6, 12 + 6 * 20)


def test_nothing_was_spent() -> None:
    found = forecast({}, period_of("month", nanos(2026, 6, 11)), nanos(2026, 6, 11))
    assert (found.spent, found.expected, found.a_day) == (0, None, None)
