"""Sums by kind and by day, as invoices are compared with."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from midwatch.contract.plan.money import day_ns
from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.source import Scope
from midwatch.server.query.spending.spending import VALUES_MAX, Spending


class DaySums:
    """From the first day until before another, in UTC and in one currency. Of all environments."""

    def __init__(self, spending: Spending) -> None:
        self._spending = spending

    async def by_kind(self, first: date, after: date, match: Mapping[str, str], currency: str) -> dict[str, Decimal]:
        self._spending.plan.exchange.require(currency)
        if first == after:
            return {}
        found = await self._spending.report(
            _scope(first, after), by="kind", match=match, currency=currency, interval="day", limit=VALUES_MAX
        )
        return {one.value: one.amount for one in found.values}

    async def by_day(self, first: date, after: date, match: Mapping[str, str], currency: str) -> dict[date, Decimal]:
        return await self._spending.daily(_scope(first, after), match, currency)


def _scope(first: date, after: date) -> Scope:
    return Scope(TimeRange(day_ns(first), day_ns(after)))
