"""Derived series, as an engine that runs in a thread asks for them."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import numpy as np

from midwatch.server.promql import EngineOptions
from midwatch.server.promql.block import Block, nothing
from midwatch.server.promql.errors import LimitError
from midwatch.server.promql.floats import Bools, Floats
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.storage import Series
from midwatch.server.query.metrics.derived.catalogue import DerivedCatalogue, Wanted
from midwatch.server.query.metrics.derived.cells import Counted, Cut, increases, readings, steps_of
from midwatch.server.query.metrics.derived.read import read
from midwatch.server.query.metrics.derived.sent import not_sent
from midwatch.server.query.metrics.derived.statement import counting
from midwatch.server.query.metrics.grids import Steps
from midwatch.server.query.metrics.scope import Reader, SeriesScope

COUNTED = frozenset({"rate", "increase"})
"""Functions that are computed from the items themselves; others look at samples."""
SAMPLE_MS = 15_000
"""How far apart samples are where a function wants some: at the multiples of this."""
_ANSWER_BYTES_MAX = 256 << 20
_TOO_MANY = "query processing would load too many samples into memory in query execution"
Wait = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs a read of the store in its loop, as long as the question may take."""


class DerivedSeries:
    """For one question. `warnings` are what its answer has to tell."""

    def __init__(self, reader: Reader, scope: SeriesScope, catalogue: DerivedCatalogue, options: EngineOptions) -> None:
        self._reader, self._scope, self._catalogue, self._options = reader, scope, catalogue, options
        self.warnings: list[str] = []

    def named(self, matchers: Sequence[Matcher]) -> list[Wanted]:
        """Metrics that the matchers may mean, by their names."""
        return self._catalogue.named(matchers)

    def increases(self, function: str, matchers: Sequence[Matcher], steps: Steps, wait: Wait) -> Block:
        """`rate` or `increase`: exactly what was counted in each window."""
        cut = Cut.for_windows(steps.start_ms, steps.end_ms, steps.step_ms, steps.window_ms)
        times = steps.start_ms + np.arange(steps.count, dtype=np.int64) * steps.step_ms
        divisor = steps.window_ms / 1000 if function == "rate" else 1.0

        def cells(one: Counted) -> tuple[Floats, Bools]:
            values, present = increases(one, cut, times, steps.window_ms)
            return values / divisor, present

        return self._block(self._counted(matchers, cut, steps.count, wait), steps.count, cells)

    def readings(self, matchers: Sequence[Matcher], steps: Steps, wait: Wait) -> Block:
        """What the counters read at each step."""
        cut = Cut.for_readings(steps.start_ms, steps.end_ms, steps.step_ms)
        times = steps.start_ms + np.arange(steps.count, dtype=np.int64) * steps.step_ms
        found = self._counted(matchers, cut, steps.count, wait)
        return self._block(found, steps.count, lambda one: readings(one, cut, times))

    def samples(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int, wait: Wait) -> list[Series]:
        """Samples at the multiples of SAMPLE_MS from start to end."""
        first, last = -(-start_ms // SAMPLE_MS) * SAMPLE_MS, end_ms // SAMPLE_MS * SAMPLE_MS
        if last < first or not self.named(matchers):
            return []
        cut = Cut.for_readings(first - SAMPLE_MS, last, SAMPLE_MS)
        times = np.arange(first, last + 1, SAMPLE_MS, dtype=np.int64)
        found = []
        for one in self._counted(matchers, cut, len(times), wait):
            values, present = readings(one, cut, times)
            if present.any():
                deltas = steps_of(one, len(times))[present]
                found.append(Series(one.labels, times[present], values[present], deltas=deltas))
        return found

    def _block(self, found: list[Counted], count: int, cells: Callable[[Counted], tuple[Floats, Bools]]) -> Block:
        if not found:
            return nothing(count)
        pairs = [cells(one) for one in found]
        return Block(
            [one.labels for one in found],
            np.stack([values for values, _ in pairs]),
            np.stack([present for _, present in pairs]),
        ).compact()

    def _counted(self, matchers: Sequence[Matcher], cut: Cut, steps: int, wait: Wait) -> list[Counted]:
        wanted = self.named(matchers)
        if not wanted:
            return []
        found: list[Counted] = []
        for one in wait(not_sent(self._reader, self._scope, wanted, cut.from_ms, cut.to_ms)):
            sql, params = counting(one, matchers, self._scope, cut)
            data = wait(self._reader.binary(sql, params, bytes_max=_ANSWER_BYTES_MAX))
            series, over = read(data, one, matchers)
            found += series
            if over:
                self._tell(one, over)
            if len(found) * steps > self._options.samples_max:
                raise LimitError(_TOO_MANY)
        return found

    def _tell(self, wanted: Wanted, over: int) -> None:
        self._catalogue.over(wanted.metric)
        most = wanted.metric.series_max
        told = f"{wanted.name} has {over:,} series more than {most:,}: they are counted in one that has the label"
        text = f'{told} otel_metric_overflow="true"'
        if text not in self.warnings:
            self.warnings.append(text)
