"""The series of a query as arrays, as the room of bands asks for them."""

from functools import partial

import numpy as np

from midwatch.server.anomaly.keeper import Ask
from midwatch.server.promql import Engine, Matrix, SeriesSource
from midwatch.server.promql.errors import ExecutionError
from midwatch.server.promql.floats import Floats, Ints, is_stale
from midwatch.server.promql.labels import Labels, drop_metadata
from midwatch.server.query.metrics.queries import SECONDS_MAX, MetricQueries
from midwatch.server.query.metrics.scope import SeriesScope

SERIES_MAX = 1_000
"""Of one answer: series × 4,032 steps are held at once, 32 MB."""
Arrays = tuple[list[Labels], Ints, Floats]


def range_arrays(engine: Engine, queries: MetricQueries) -> Ask:
    async def ask(query: str, start_ms: int, end_ms: int, step_ms: int) -> Arrays:
        work = partial(_asked, engine, query, start_ms, end_ms, step_ms)
        return await queries.work(SeriesScope(), work, SECONDS_MAX)

    return ask


def _asked(engine: Engine, query: str, start_ms: int, end_ms: int, step_ms: int, source: SeriesSource) -> Arrays:
    """Series that are told apart by their name alone are one too many: the first counts."""
    matrix = engine.range(source, query, start_ms, end_ms, step_ms).value
    assert isinstance(matrix, Matrix)
    if len(matrix.series) > SERIES_MAX:
        raise ExecutionError(f"{len(matrix.series):,} series; expected at most {SERIES_MAX:,}: aggregate them")
    times = np.arange(start_ms, end_ms + 1, step_ms, dtype=np.int64)
    named = {drop_metadata(one.labels): one for one in reversed(matrix.series)}
    values = np.full((len(named), len(times)), np.nan)
    ordered = sorted(named.items())
    for row, (_, one) in enumerate(ordered):
        kept = ~is_stale(one.values)
        values[row, (one.times_ms[kept] - start_ms) // step_ms] = one.values[kept]
    return [labels for labels, _ in ordered], times, values
