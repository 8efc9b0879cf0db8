"""What the engine asks of the store before it reads samples: see promql/storage.py, PushDown."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from midwatch.server.model.errors import StoreError
from midwatch.server.promql import EngineOptions
from midwatch.server.promql.annotations import Annotations
from midwatch.server.promql.block import Block, nothing, stack
from midwatch.server.promql.context import Context
from midwatch.server.promql.errors import LimitError
from midwatch.server.promql.evaluate import Evaluator
from midwatch.server.promql.floats import is_stale
from midwatch.server.promql.functions.registry import STARTS_USED
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.labels import Labels
from midwatch.server.promql.limits import Budget
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.storage import RangeRequest, Series
from midwatch.server.promql.syntax.ast import Call, Expr
from midwatch.server.promql.syntax.signatures import FUNCTIONS
from midwatch.server.query.metrics.at_once import AtOnce
from midwatch.server.query.metrics.chosen import Chosen
from midwatch.server.query.metrics.grids import GRID_FUNCTIONS, INSTANT, Gridded, Steps, gridded
from midwatch.server.query.metrics.known import KnownSeries
from midwatch.server.query.metrics.other_names import selected
from midwatch.server.query.metrics.samples import floats_of
from midwatch.server.query.metrics.scope import Reader, SeriesScope, condition

_TOO_MANY = "query processing would load too many samples into memory in query execution"
_NOT_KNOWN = frozenset({46, 63, 115})
"""ClickHouse's exception codes for a function, an aggregate and a setting that an older server does not have."""
_MEMORY = 241
"""ClickHouse's exception code for a statement that needed more memory than it may have."""
_BY_STEPS = frozenset({"Rate", "Increase"})
"""Aggregates that of deltas are sums of them: what came before the window is not looked at."""
_AT_ONCE = 2
"""Statements of one question that run side by side."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What came of it: a block, and series that the engine has to evaluate from their samples."""

    block: Block
    odd: list[Series]


class Pushing:
    """Reads of one project, as the loop does them. `lacking` keeps the aggregates that this store does not have."""

    def __init__(
        self, reader: Reader, scope: SeriesScope, options: EngineOptions, lacking: set[str], known: KnownSeries
    ) -> None:
        self._reader, self._scope, self._options = reader, scope, options
        self._lacking, self._known = lacking, known

    def kind_of(self, function: str) -> str | None:
        """The aggregate of a range function; None where there is none that is exact."""
        if self._options.start_timestamps and function in STARTS_USED:
            return None
        return self._there(GRID_FUNCTIONS.get(function))

    def instant_kind(self) -> str | None:
        """The aggregate of an instant selector; None where the store has none."""
        return self._there(INSTANT)

    def _there(self, kind: str | None) -> str | None:
        return None if kind in self._lacking else kind

    async def pushed(self, kind: str, matchers: Sequence[Matcher], steps: Steps, *, stale: bool) -> Pushed | None:
        """None where series have native histograms: those are the engine's.

        Raises:
            LimitError: more series, or series × steps, than a query may have.
            StoreError: the store did not answer.
        """
        at_once = AtOnce(self._reader, self._scope, self._known)
        try:
            whole = await at_once.read(kind, matchers, steps, self._options.series_max, stale=stale)
        except StoreError as error:
            self._without(kind, error)
            return None
        if whole is not None:
            self._check(len(whole[1]), steps)
            wanted = condition(self._scope, matchers, steps.from_ms, steps.end_ms)
            return await self._pushed(Chosen(wanted, whole[1]), [whole[0]], kind, steps)
        found_by, labels = await selected(
            self._reader, self._scope, matchers, steps.from_ms, steps.end_ms, self._options.series_max
        )
        at_once.learn(matchers, labels)
        if not labels:
            return Pushed(nothing(steps.count), [])
        self._check(len(labels), steps)
        return await self._in_parts(Chosen(found_by, labels), kind, steps, stale=stale)

    async def _in_parts(self, chosen: Chosen, kind: str, steps: Steps, *, stale: bool) -> Pushed | None:
        """Series that were looked up, as many in a statement as memory allows."""
        ids, size, places = sorted(chosen.series), steps.series_at_once(), asyncio.Semaphore(_AT_ONCE)

        async def part(some: list[int]) -> list[Gridded]:
            try:
                async with places:
                    return [await gridded(self._reader, chosen, kind, steps, some, stale=stale)]
            except StoreError as error:
                if error.exception_code != _MEMORY or len(some) < 2:
                    raise
            middle = len(some) // 2
            return [*await part(some[:middle]), *await part(some[middle:])]

        native = asyncio.ensure_future(self._has_histograms(chosen, steps))
        parts = asyncio.ensure_future(_all([part(ids[at : at + size]) for at in range(0, len(ids), size)]))
        try:
            if await native:
                return None
            found = await parts
        except StoreError as error:
            self._without(kind, error)
            return None
        finally:
            native.cancel()
            parts.cancel()
        return await self._pushed(chosen, found, kind, steps)

    def _without(self, kind: str, error: StoreError) -> None:
        """Do without an aggregate that this store does not have; anything else is raised."""
        if error.exception_code not in _NOT_KNOWN:
            raise error
        self._lacking.add(kind)

    def _check(self, series: int, steps: Steps) -> None:
        if series * steps.count > self._options.samples_max:
            raise LimitError(_TOO_MANY)

    async def _pushed(self, chosen: Chosen, found: list[Gridded], kind: str, steps: Steps) -> Pushed:
        odd = await self._odd(chosen, found, steps, readings=kind not in _BY_STEPS)
        return Pushed(_block(found, chosen.series, steps), odd)

    async def _has_histograms(self, chosen: Chosen, steps: Steps) -> bool:
        where, params = chosen.where(steps.from_ms, steps.end_ms)
        return bool(await self._reader.rows(f"SELECT 1 FROM metric_histograms WHERE {where} LIMIT 1", params))

    async def _odd(self, chosen: Chosen, found: list[Gridded], steps: Steps, *, readings: bool) -> list[Series]:
        odd = {one for part in found for one in part.odd}
        if not odd:
            return []
        some = replace(chosen.condition, all_of_names=False)
        only = Chosen(some, {one: chosen.series[one] for one in odd})
        samples_max = self._options.samples_max
        floats = await floats_of(
            *(self._reader, only, steps.from_ms, steps.end_ms),
            samples_max=samples_max, starts=False, readings=readings,
        )  # fmt: skip
        return [
            Series(chosen.series[one], each.times_ms, each.values, deltas=each.deltas) for one, each in floats.items()
        ]


async def _all(parts: list) -> list[Gridded]:  # type: ignore[type-arg]  # coroutines of lists
    tasks = [asyncio.ensure_future(one) for one in parts]
    try:
        return [one for some in await asyncio.gather(*tasks) for one in some]
    finally:
        for task in tasks:
            task.cancel()


def _block(found: list[Gridded], labels: Mapping[int, Labels], steps: Steps) -> Block:
    blocks = [Block([labels[one] for one in part.ids], part.values, part.present) for part in found]
    return stack(blocks, steps.count).compact()


@dataclass(frozen=True, slots=True)
class _Fixed:
    """Series that were read already."""

    series: list[Series]

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[Series]:
        return self.series


def evaluated(series: list[Series], expr: Expr, grid: Grid, options: EngineOptions, over: Budget) -> Block:
    """The engine's own answer over some series, names still in the labels."""
    named = replace(options, delayed_name_removal=True)
    block = Evaluator(Context(_Fixed(series), named, Annotations(), over)).block(expr, grid)
    return replace(block, drop_name=None)


def range_call(request: RangeRequest) -> Call:
    return Call(FUNCTIONS[request.function], (request.selector,), request.selector.span)


def finished(function: str, pushed: Block) -> Block:
    """What the aggregate's result means as this function's."""
    return replace(pushed, values=np.ones(pushed.values.shape)) if function == "present_over_time" else pushed


def without_ended(pushed: Block) -> Block:
    """An instant selector's cells; where the last sample is a stale marker, there is none."""
    return replace(pushed, present=pushed.present & ~is_stale(pushed.values)).compact()
