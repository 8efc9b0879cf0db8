"""PromQL over the stored series: instant and range queries, encoded."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from midwatch.server.promql import Engine, Result
from midwatch.server.promql.wire import encoded
from midwatch.server.query.metrics.asking import Asking
from midwatch.server.query.metrics.derived.catalogue import DerivedCatalogue
from midwatch.server.query.metrics.derived.series import DerivedSeries
from midwatch.server.query.metrics.known import KnownSeries
from midwatch.server.query.metrics.loop_source import LoopSource, Question
from midwatch.server.query.metrics.pushdown import Pushing
from midwatch.server.query.metrics.scope import Reader, SeriesScope
from midwatch.server.query.metrics.source import ReadLimits, StoredSeries

SECONDS_MAX = 30.0
"""How long a query may take; `timeout` can ask for less. Reads of the store have the same bound."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a caller may ask for beside the query."""

    lookback_ms: int = 0
    limit: int = 0
    """Series of the answer; 0: all."""
    seconds: float = SECONDS_MAX
    stats: bool = False


class MetricQueries:
    """For one class of questions; `reader` asks the store in the same class."""

    def __init__(
        self, asking: Asking, reader: Reader, derived: DerivedCatalogue, known: KnownSeries, name: str
    ) -> None:
        self._asking, self._reader, self._derived, self._name = asking, reader, derived, name
        self._known, self._lacking = known, set[str]()

    @property
    def engine(self) -> Engine:
        return self._asking.engine

    async def instant(self, scope: SeriesScope, query: str, time_ms: int, wanted: Wanted) -> bytes:
        """A query at one time, as JSON.

        Raises:
            QueryError: its `kind` says whose fault it is.
            StoreError: the store did not answer.
            Unavailable: too many run already.
        """

        def evaluate(source: LoopSource, question: Question) -> Result:
            return self.engine.instant(source, query, time_ms, lookback_ms=wanted.lookback_ms, deadline=question.over)

        return await self._ask(scope, evaluate, wanted)

    async def range(
        self, scope: SeriesScope, query: str, start_ms: int, end_ms: int, step_ms: int, wanted: Wanted
    ) -> bytes:
        """A query at each step from start to end, as JSON. Raises as `instant`."""

        def evaluate(source: LoopSource, question: Question) -> Result:
            return self.engine.range(
                source, query, start_ms, end_ms, step_ms, lookback_ms=wanted.lookback_ms, deadline=question.over
            )

        return await self._ask(scope, evaluate, wanted)

    async def work(self, scope: SeriesScope, work: Callable[[LoopSource], T], seconds: float) -> T:
        """What `work` makes of the stored series in a thread: many questions that are asked together.

        Raises as `instant`.
        """
        return await self._in_thread(scope, lambda source, _: work(source), seconds)

    async def _ask(
        self, scope: SeriesScope, evaluate: Callable[[LoopSource, Question], Result], wanted: Wanted
    ) -> bytes:
        asked = time.perf_counter()

        def work(source: LoopSource, question: Question) -> bytes:
            begun = time.perf_counter()
            result = evaluate(source, question)
            result = replace(result, warnings=[*result.warnings, *source.derived.warnings])
            stats = _stats(result, begun - asked, time.perf_counter() - begun) if wanted.stats else None
            return encoded(result, limit=wanted.limit, stats=stats)

        return await self._in_thread(scope, work, min(wanted.seconds, SECONDS_MAX))

    async def _in_thread(self, scope: SeriesScope, work: Callable[[LoopSource, Question], T], seconds: float) -> T:
        options = self.engine.options
        limits = ReadLimits(options.series_max, options.samples_max, start_times=options.start_timestamps)
        series = StoredSeries(self._reader, scope, limits)
        pushing = Pushing(self._reader, scope, options, self._lacking, self._known)
        derived = DerivedSeries(self._reader, scope, self._derived, options)
        return await self._asking.ask(series, pushing, derived, work, name=self._name, seconds=seconds)


def _stats(result: Result, waited: float, took: float) -> dict[str, Any]:
    timings = {"evalTotalTime": took, "execQueueTime": waited, "execTotalTime": waited + took}
    return {"timings": timings, "samples": {"peakSamples": result.samples_peak}}
