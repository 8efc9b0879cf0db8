"""Fees by the month: what each day pays, and what that adds up to."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from midwatch.contract.plan.money import day_ns
from midwatch.contract.plan.sections.currency import Currency
from midwatch.contract.plan.sections.fees import Fee
from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.source import Scope
from midwatch.server.query.spending.exchange import Exchange
from midwatch.server.query.spending.fees import by_day
from midwatch.server.query.spending.forecast import forecast, period_of

BOTH = Exchange(Currency.model_validate({"base": "USD", "rates": {"EUR": "1.08"}}))


def fee(**said: object) -> Fee:
    return Fee.model_validate({"kind": "rent", "amount": "10", **said})


def paid(*fees: Fee, start: date, end: date, currency: str = "USD", **match: str) -> dict[date, Decimal]:
    scope = Scope(TimeRange(day_ns(start), day_ns(end)))
    return by_day(fees, scope, match, BOTH, currency)


def test_the_days_of_a_month_add_up_to_its_fee() -> None:
    """Exactly, however its days divide: over three years of months, leap ones among them."""
    first, end = date(2027, 1, 1), date(2030, 1, 1)
    found = paid(fee(amount="0.07", count=3), start=first, end=end)
    assert len(found) == (end - first).days
    months: dict[tuple[int, int], Decimal] = {}
    for day, amount in found.items():
        months[day.year, day.month] = months.get((day.year, day.month), Decimal(0)) + amount
        exact = Fraction(21, 100) / ((day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)).day
        assert abs(Fraction(amount) - exact) < Fraction(31, 10**12)
    assert set(months.values()) == {Decimal("0.21")}
    assert len(months) == 36


def test_a_month_that_is_begun_or_ended_pays_for_its_days() -> None:
    some = fee(amount=31, **{"from": "2026-10-15", "until": "2026-12-02"})
    found = paid(some, start=date(2026, 10, 1), end=date(2027, 1, 1))
    assert sum(amount for day, amount in found.items() if day.month == 10) == 17
    assert sum(amount for day, amount in found.items() if day.month == 11) == 31
    assert {day: amount for day, amount in found.items() if day.month == 12} == {date(2026, 12, 1): Decimal(1)}


def test_fees_are_matched_and_exchanged_as_costs_are() -> None:
    """Without a rate one is in no sum."""
    fees = (
        fee(kind="sms.number", amount=31, service="api", currency="EUR"),
        fee(kind="hosting", amount=62, provider="hetzner"),
        fee(kind="hosting", amount=93, currency="CHF"),
    )
    day = {"start": date(2026, 10, 1), "end": date(2026, 10, 2)}
    assert paid(*fees, **day) == {date(2026, 10, 1): Decimal("3.08")}
    assert paid(*fees, **day, kind="sms.*") == {date(2026, 10, 1): Decimal("1.08")}
    assert paid(*fees, **day, service="api", currency="EUR") == {date(2026, 10, 1): Decimal(1)}
    assert paid(*fees, **day, provider="other") == {}


def test_a_forecast_knows_the_fees_to_come() -> None:
    """Noon of the 11th: what was used goes on at its mean, fees are those of the days that are left, neither twice."""
    now = day_ns(date(2026, 6, 11)) + 12 * 3600 * 10**9
    span = period_of("month", now)
    fees = paid(fee(amount=300), start=date(2026, 5, 31), end=date(2026, 7, 1))
    used = {date(2026, 6, day): Decimal(7) for day in range(1, 11)}
    days = {day: used.get(day, Decimal(0)) + fees.get(day, Decimal(0)) for day in fees if day <= date(2026, 6, 11)}
    found = forecast(days, span, now, fees=fees)
    assert (found.spent, found.a_day, found.days) == (70 + 110, 7, 7)
    assert found.expected == 70 + 300 + Decimal(7) * Decimal("19.5")
    alone = forecast(fees, span, now, fees=fees)
    assert (alone.spent, alone.expected) == (110, 300)
