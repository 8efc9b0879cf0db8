"""Taking series away for good, as `admin/tsdb/delete_series` asks for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from midwatch.server.promql.matchers import Matcher
from midwatch.server.query.metrics.catalogue import series_of
from midwatch.server.query.metrics.chosen import Chosen
from midwatch.server.query.metrics.scope import TIME_MS_MAX, TIME_MS_MIN, Reader, SeriesScope, condition, day_of, held

_TABLES = ("metric_samples", "metric_histograms", "metric_exemplars")
_DAY_MS = 86_400_000


class Altering(Protocol):
    """The store's statements that change data, waited for."""

    async def alter(self, statement: str, params: Mapping[str, Any]) -> None: ...


class SeriesDeletion:
    def __init__(self, reader: Reader, altering: Altering, series_max: int, forget: Callable[[], None]) -> None:
        self._reader, self._altering, self._series_max, self._forget = reader, altering, series_max, forget

    async def delete(self, scope: SeriesScope, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> int:
        """Delete samples from start to end, both included, and forget series of days that lie wholly inside.

        What is still in the write-ahead log comes after and stays. Returns the number of series that fitted.

        Raises:
            LimitError: more series than a query may find.
            StoreError: the store did not do it; asking again goes on.
        """
        where = condition(scope, matchers, start_ms, end_ms)
        found = await series_of(self._reader, where, self._series_max)
        if not found:
            return 0
        rows, params = Chosen(where, found).where(start_ms, end_ms)
        for table in _TABLES:
            await self._altering.alter(f"ALTER TABLE {table} DELETE WHERE {rows}", params)
        # Last, since the condition of the others reads it.
        days = {"from_day": _first_whole_day(start_ms), "to_day": _last_whole_day(end_ms)}
        if days["from_day"] <= days["to_day"]:
            await self._altering.alter(f"ALTER TABLE metric_series DELETE WHERE {where.sql}", {**where.params, **days})
        self._forget()
        return len(found)


def _first_whole_day(start_ms: int) -> int:
    if start_ms <= TIME_MS_MIN:
        return day_of(TIME_MS_MIN)
    return day_of(-(-held(start_ms) // _DAY_MS) * _DAY_MS)


def _last_whole_day(end_ms: int) -> int:
    return day_of(TIME_MS_MAX) if end_ms >= TIME_MS_MAX else day_of((held(end_ms) + 1) // _DAY_MS * _DAY_MS - 1)
