"""The stored series, as the engine reads them."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

import numpy as np

from midwatch.server.promql.floats import Ints
from midwatch.server.promql.labels import Labels
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.storage import Series
from midwatch.server.query.metrics.chosen import Chosen
from midwatch.server.query.metrics.histograms import Native, histograms_of
from midwatch.server.query.metrics.other_names import selected
from midwatch.server.query.metrics.samples import Floated, floats_of
from midwatch.server.query.metrics.scope import Reader, SeriesScope, condition

_Floats = dict[int, Floated]
_Natives = dict[int, Native]


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What one selector may read."""

    series_max: int
    samples_max: int
    start_times: bool = False
    """Whether when counters began is asked for; else nobody needs it."""


class StoredSeries:
    """Reads of one project. Used from the event loop."""

    def __init__(self, reader: Reader, scope: SeriesScope, limits: ReadLimits) -> None:
        self._reader, self._scope, self._limits = reader, scope, limits

    async def answers(self) -> bool:
        """Raises StoreError where the store does not."""
        return bool(await self._reader.rows("SELECT 1 AS one", {}))

    async def count(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> int:
        """Series that match by their own names."""
        wanted = condition(self._scope, matchers, start_ms, end_ms)
        sql = f"SELECT uniq(SeriesId) AS series FROM metric_series WHERE {wanted.sql}"
        return int((await self._reader.rows(sql, wanted.params))[0]["series"])

    async def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[Series]:
        """Series that match, each with its samples from start to end, both included; none without samples.

        Raises:
            LimitError: more than the limits allow.
            StoreError: the store did not answer.
        """
        wanted, labels = await selected(self._reader, self._scope, matchers, start_ms, end_ms, self._limits.series_max)
        if not labels:
            return []
        chosen = Chosen(wanted, labels)
        limits = self._limits
        floats, natives = await _both(
            floats_of(
                self._reader, chosen, start_ms, end_ms, samples_max=limits.samples_max, starts=limits.start_times
            ),
            histograms_of(self._reader, chosen, start_ms, end_ms),
        )
        return [
            _series(labels[one], floats.get(one), natives.get(one)) for one in labels if one in floats or one in natives
        ]


async def _both(floats: Awaitable[_Floats], natives: Awaitable[_Natives]) -> tuple[_Floats, _Natives]:
    """Side by side; when one fails, the other is not waited for."""
    tasks = asyncio.ensure_future(floats), asyncio.ensure_future(natives)
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def _series(labels: Labels, floats: Floated | None, native: Native | None) -> Series:
    if native is None:
        assert floats is not None
        return Series(labels, floats.times_ms, floats.values, None, floats.start_times_ms, floats.deltas)
    times, values, starts = _joined(floats, native)
    # Of a float and a histogram at the same time the histogram, which is sorted behind it, counts.
    order = np.argsort(times, kind="stable")
    times = times[order]
    last = np.append(times[1:] != times[:-1], True)
    histograms = np.full(len(order), None, dtype=object)
    histograms[len(order) - len(native.histograms) :] = native.histograms
    order = order[last]
    deltas = None
    if any(native.deltas):
        deltas = np.full(len(times), None, dtype=object)
        deltas[len(times) - len(native.deltas) :] = native.deltas
        deltas = deltas[order]
    return Series(labels, times[last], values[order], histograms[order], starts[order], histogram_deltas=deltas)


def _joined(floats: Floated | None, native: Native) -> tuple[Ints, np.ndarray, Ints]:
    times = np.array(native.times_ms, dtype=np.int64)
    starts = np.array(native.start_times_ms, dtype=np.int64)
    values = np.zeros(len(times))
    if floats is None:
        return times, values, starts
    began = np.zeros(len(floats.times_ms), dtype=np.int64) if floats.start_times_ms is None else floats.start_times_ms
    return (
        np.concatenate([floats.times_ms, times]),
        np.concatenate([floats.values, values]),
        np.concatenate([began, starts]),
    )
