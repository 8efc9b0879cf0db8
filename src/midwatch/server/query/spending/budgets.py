"""How much of each budget is spent, and how much will be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from midwatch.contract.plan.sections.budgets import Budget
from midwatch.server.model.clock import Clock
from midwatch.server.model.timerange import TimeRange
from midwatch.server.query.source import Scope
from midwatch.server.query.spending.fees import by_day
from midwatch.server.query.spending.forecast import Forecast, forecast, history_start_ns, period_of
from midwatch.server.query.spending.spending import Spending


@dataclass(frozen=True, slots=True)
class Standing:
    budget: Budget
    currency: str
    span: TimeRange
    """The day, week or month that it is of now."""
    forecast: Forecast

    @property
    def spent_ratio(self) -> Decimal:
        return self.forecast.spent / self.budget.amount

    @property
    def expected_ratio(self) -> Decimal | None:
        return None if self.forecast.expected is None else self.forecast.expected / self.budget.amount


class BudgetQueries:
    def __init__(self, spending: Spending, clock: Clock) -> None:
        self._spending, self._clock = spending, clock

    async def all(self, project: int = 1) -> list[Standing]:
        """In the plan's order.

        Raises:
            What `Spending.report` does.
        """
        return [await self._standing(one, project) for one in self._spending.plan.budgets]

    async def by_labels(self, names: Sequence[str]) -> list[tuple[tuple[str, ...], Decimal]]:
        """What this month has cost so far, by combination of values of these names."""
        now = self._clock.now_ns()
        scope = Scope(TimeRange(period_of("month", now).start_ns, now))
        return await self._spending.by_labels(scope, names)

    async def until(
        self, match: Mapping[str, str], project: int, currency: str | None, environments: tuple[str, ...] = ()
    ) -> tuple[TimeRange, Forecast, str]:
        """The forecast of this month, of what matches."""
        now = self._clock.now_ns()
        span = period_of("month", now)
        return span, *await self._expected(span, now, match, currency, Scope(span, environments, project))

    async def _standing(self, one: Budget, project: int) -> Standing:
        now = self._clock.now_ns()
        span = period_of(one.per, now)
        found, currency = await self._expected(span, now, one.match, one.currency, Scope(span, (), project))
        return Standing(one, currency, span, found)

    async def _expected(
        self, span: TimeRange, now_ns: int, match: Mapping[str, str], currency: str | None, scope: Scope
    ) -> tuple[Forecast, str]:
        """Of a period, and the currency that it is in."""
        plan = self._spending.plan
        shown = plan.exchange.require(currency)
        since = history_start_ns(span, now_ns)
        days = await self._spending.daily(replace(scope, span=TimeRange(since, now_ns)), match, currency)
        fees = by_day(plan.fees, replace(scope, span=TimeRange(since, span.end_ns)), match, plan.exchange, shown)
        return forecast(days, span, now_ns, fees=fees), shown
