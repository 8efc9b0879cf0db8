"""Costs and budgets as series, written every minute by the server that holds the lease: what alerts are made of."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

import structlog

from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import MidwatchError
from midwatch.server.model.measure import Measure
from midwatch.server.model.signal import SegmentKind
from midwatch.server.protocols.prometheus.messages import VERSION_1

log = structlog.get_logger(__name__)

WRITE_SECONDS = 60.0
REST = 10.0
"""How many times longer than it took it rests: many budgets over much usage are no reason to compute for ever."""
REST_SECONDS_MAX = 240.0
"""A query sees a sample for five minutes."""
LABELS = ("service", "env", "kind", "model")
"""Of `cost_amount`."""
GRANT = IngestGrant("costs", "costs", 1, None, (), None)
"""Whose the series are."""
Put = Callable[[SegmentKind, IngestGrant, bytes, int], Awaitable[Any]]


class Budget(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def per(self) -> str: ...


class Forecast(Protocol):
    @property
    def spent(self) -> Decimal: ...
    @property
    def expected(self) -> Decimal | None: ...


class Standing(Protocol):
    @property
    def budget(self) -> Budget: ...
    @property
    def currency(self) -> str: ...
    @property
    def forecast(self) -> Forecast: ...


class Asked(Protocol):
    """Where the figures come from."""

    async def all(self) -> Sequence[Standing]: ...

    async def by_labels(self, names: Sequence[str]) -> list[tuple[tuple[str, ...], Decimal]]: ...


class CostKeeper:
    """One per server."""

    def __init__(self, asked: Asked, currency: Callable[[], str], clock: Clock) -> None:
        self._asked, self._currency, self._clock = asked, currency, clock
        self._soon = asyncio.Event()
        self._written = self._failures = 0

    def look(self) -> None:
        """Budgets or prices have changed."""
        self._soon.set()

    async def run(self, put: Put) -> None:
        """Until cancelled; nothing ends it by itself."""
        while True:
            self._soon.clear()
            started = time.perf_counter()
            try:
                await self.tick(put)
            except MidwatchError as error:
                self._failures += 1
                log.warning("costs.not_written", error=error.message)
            except Exception:  # our own bug: told with its trace, and never the end of all budgets
                self._failures += 1
                log.exception("costs.tick_failed")
            took = time.perf_counter() - started
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(max(WRITE_SECONDS, REST * took), REST_SECONDS_MAX)):
                    await self._soon.wait()

    async def tick(self, put: Put) -> None:
        """Compute and write once; a store without costs gets no series."""
        series = [*_of_budgets(await self._asked.all())]
        currency = self._currency()
        for values, amount in await self._asked.by_labels(LABELS):
            named = dict(zip(LABELS, values, strict=True)) | {"currency": currency}
            series.append(("cost_amount", named, amount))
        if not series:
            return
        request, at = VERSION_1.request(), now_ms(self._clock)
        for name, labels, value in series:
            one = request.timeseries.add()
            for label, text in sorted({**labels, "__name__": name}.items()):
                if text:
                    one.labels.add(name=label, value=text)
            one.samples.add(value=float(value), timestamp=at)
        await put(SegmentKind.REMOTE_WRITE, GRANT, request.SerializeToString(), len(series))
        self._written += len(series)

    def measures(self) -> Iterable[Measure]:
        yield Measure("midwatch_costs_samples_total", "Samples of costs and budgets written", self._written)
        yield Measure("midwatch_costs_failures_total", "Times that they could not be", self._failures)


def _of_budgets(standings: Iterable[Standing]) -> Iterable[tuple[str, Mapping[str, str], Decimal]]:
    for one in standings:
        labels = {"budget": one.budget.name, "currency": one.currency, "per": one.budget.per}
        yield "budget_amount", labels, one.budget.amount
        yield "budget_spent_amount", labels, one.forecast.spent
        yield "budget_spent_ratio", labels, one.forecast.spent / one.budget.amount
        if one.forecast.expected is not None:
            yield "budget_forecast_ratio", labels, one.forecast.expected / one.budget.amount
