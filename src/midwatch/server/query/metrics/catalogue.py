"""Which series there are: labels by id."""

import asyncio
from typing import Any

import orjson

from midwatch.server.promql.errors import LimitError
from midwatch.server.promql.labels import NAME, Labels, make
from midwatch.server.query.metrics.scope import Condition, Reader

_SERIES_BYTES_MAX = 1 << 30
_INLINE_BYTES_MAX = 64 << 10


async def series_of(reader: Reader, condition: Condition, series_max: int) -> dict[int, Labels]:
    """Labels of the series that fit, by id.

    Raises:
        LimitError: there are more than `series_max`.
    """
    sql = f"""SELECT toString(SeriesId) AS i, toString(MetricName) AS n, Labels AS l FROM metric_series
        WHERE {condition.sql} LIMIT 1 BY SeriesId LIMIT {series_max + 1} FORMAT JSONEachRow"""
    data = await reader.binary(sql, condition.params, bytes_max=_SERIES_BYTES_MAX)
    # Some 6 µs a series: beside the event loop, where the doors answer meanwhile.
    found = _labels(data) if len(data) <= _INLINE_BYTES_MAX else await asyncio.to_thread(_labels, data)
    if len(found) > series_max:
        raise too_many(series_max)
    return found


def too_many(series_max: int) -> LimitError:
    return LimitError(f"query would select more than {series_max:,} series: narrow its matchers")


def _labels(data: bytes) -> dict[int, Labels]:
    shared: dict[tuple[str, str], tuple[str, str]] = {}
    same = shared.setdefault
    return {
        int(row["i"]): tuple([same(pair, pair) for pair in make({**row["l"], NAME: row["n"]})]) for row in lines(data)
    }


def lines(data: bytes) -> list[Any]:
    """A JSON value a line, as JSONEachRow has it: a line breaks nowhere but between rows."""
    if not data:
        return []
    found: list[Any] = orjson.loads(b"[" + data.rstrip(b"\n").replace(b"\n", b",") + b"]")
    return found
