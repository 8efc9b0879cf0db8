"""Objectives of the plan in force: what is left of each budget, how fast it goes, and its history."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import NotFound
from midwatch.server.promql.labels import Labels
from midwatch.server.slo.budget import Budget, Counted, Interval, budget_of, excluded, questions
from midwatch.server.slo.generated import recorded, selector
from midwatch.server.slo.objective import Objective
from midwatch.server.slo.windows import BURN_WINDOWS, RECORDED, BurnWindow

INTERVALS_MAX = 60
"""Times of maintenance that are taken out of one window; more are joined from the oldest on."""
POINTS = 300
_CURRENT, _PERIOD, _LEFT = (
    "slo:current_burn_rate:ratio",
    "slo:period_burn_rate:ratio",
    "slo:period_error_budget_remaining:ratio",
)
_ALL = f'{{__name__=~"{_CURRENT}|{_PERIOD}|{_LEFT}"}}'

Instant = Callable[[str, int], Awaitable[Sequence[tuple[Labels, float]]]]
"""PromQL at a time in milliseconds."""
Range = Callable[[str, int, int, int], Awaitable[Sequence[tuple[int, float]]]]
"""PromQL from start to end by step: the points of its first series."""
Maintained = Callable[[Mapping[str, str], float, float], Iterable[Interval]]
"""When these labels were in maintenance."""


@dataclass(frozen=True, slots=True)
class Standing:
    """As its rules recorded it; None where nothing was recorded lately."""

    objective: Objective
    left: float | None
    burn: float | None
    """Now, over five minutes; 1 is as fast as evenly over the window."""
    period_burn: float | None


@dataclass(frozen=True, slots=True)
class Burning:
    """One pair of windows, and whether both are over its factor."""

    window: BurnWindow
    factor: float
    long: float | None
    short: float | None

    @property
    def alerts(self) -> bool:
        return all(one is not None and one > self.factor for one in (self.long, self.short))


@dataclass(frozen=True, slots=True)
class Report:
    standing: Standing
    budget: Budget
    """Counted over the whole window, maintenance left out."""
    excluded: tuple[Interval, ...]
    burning: tuple[Burning, ...]
    history: tuple[tuple[int, float], ...]
    """What was left, by time in milliseconds."""


class PlanObjectives:
    """Those of the plan in force, by id."""

    def __init__(self) -> None:
        self.objectives: Mapping[str, Objective] = {}

    def put(self, files: Mapping[str, Sequence[Objective]]) -> None:
        self.objectives = {one.id: one for file in files.values() for one in file}


class SloDesk:
    """For the event loop."""

    def __init__(
        self, plan: PlanObjectives, instant: Instant, range_: Range, maintained: Maintained, clock: Clock
    ) -> None:
        self._plan, self._instant, self._range = plan, instant, range_
        self._maintained, self._clock = maintained, clock

    async def all(self) -> list[Standing]:
        """Those of which least is left first.

        Raises:
            QueryError, StoreError, Unavailable: the store did not answer.
        """
        values = await self._recorded(_ALL) if self._plan.objectives else {}
        found = [
            Standing(one, values.get((_LEFT, id_)), values.get((_CURRENT, id_)), values.get((_PERIOD, id_)))
            for id_, one in self._plan.objectives.items()
        ]
        return sorted(found, key=lambda one: (one.left is None, one.left, one.objective.id))

    async def report(self, id_: str) -> Report:
        """Raises NotFound, and what `all` does."""
        one = self._plan.objectives.get(id_)
        if one is None:
            raise NotFound(f"cannot find objective {id_}: no file in slos/ of the plan in force has it")
        end = now_ms(self._clock)
        start = end - int(one.window_seconds * 1000)
        out = _joined(excluded(self._maintained(_labels(one), start / 1000, end / 1000), start / 1000, end / 1000))
        step = max(60_000, (end - start) // POINTS)
        whole, parts, standing, burning, history = await asyncio.gather(
            self._counted(one, Interval(start / 1000, end / 1000)),
            asyncio.gather(*(self._counted(one, interval) for interval in out)),
            self._standing(one),
            self._burning(one),
            self._range(f"{_LEFT}{selector(one)}", start, end, step),
        )
        return Report(standing, budget_of(one, whole, parts), tuple(out), tuple(burning), tuple(history))

    async def _standing(self, one: Objective) -> Standing:
        values = await self._recorded(f'{{__name__=~"{_CURRENT}|{_PERIOD}|{_LEFT}", sloth_id="{one.id}"}}')
        return Standing(one, *(values.get((name, one.id)) for name in (_LEFT, _CURRENT, _PERIOD)))

    async def _burning(self, one: Objective) -> list[Burning]:
        names = "|".join(recorded(window) for window in RECORDED)
        values = await self._recorded(f'{{__name__=~"{names}", sloth_id="{one.id}"}}')
        burns = {name: value / one.budget for (name, _), value in values.items()}
        return [
            Burning(
                window,
                window.factor(one.window_seconds),
                burns.get(recorded(window.long)),
                burns.get(recorded(window.short)),
            )
            for window in BURN_WINDOWS
        ]

    async def _recorded(self, query: str) -> dict[tuple[str, str], float]:
        found = await self._instant(query, now_ms(self._clock))
        named = [(dict(labels), value) for labels, value in found if math.isfinite(value)]
        return {(labels["__name__"], labels.get("sloth_id", "")): value for labels, value in named}

    async def _counted(self, one: Objective, interval: Interval) -> Counted:
        errors, total = await asyncio.gather(
            *(self._number(query, interval) for query in questions(one, interval.seconds))
        )
        return Counted(errors, total, interval.seconds)

    async def _number(self, query: str, interval: Interval) -> float:
        """Nothing is none: an error that never happened has no series."""
        found = await self._instant(query, int(interval.end * 1000))
        return sum(value for _, value in found if math.isfinite(value))


def _labels(one: Objective) -> dict[str, str]:
    """By what maintenance windows mean an objective."""
    return {"service": one.service, "job": one.service, **one.labels, "slo": one.name}


def _joined(found: Sequence[Interval]) -> list[Interval]:
    """The oldest as one where there are too many to ask for each."""
    if len(found) <= INTERVALS_MAX:
        return list(found)
    cut = len(found) - INTERVALS_MAX + 1
    return [Interval(found[0].start, found[cut - 1].end), *found[cut:]]
