"""The most frequent values of some fields in a result."""

import math
import time
from dataclasses import replace
from functools import partial

from midwatch.server.query.search.fields import LOGS, SPANS
from midwatch.server.query.search.language import Condition, bind
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.windows import widening
from midwatch.server.schemas.base import QueryStats
from midwatch.server.schemas.logs import Facet, Facets, FacetValue

VALUES_MAX = 10
FIELDS_MAX = 20
ROWS_MAX = 200_000
"""About so many rows are counted; of more in the newest window that has as many, every so-manieth."""


async def facets(source: Source, scope: Scope, condition: Condition, table: str, names: tuple[str, ...]) -> Facets:
    """Counts over the newest rows of the result, always the same for the same rows."""
    started, schema, names = time.perf_counter(), LOGS if table == "logs" else SPANS, names[:FIELDS_MAX]
    params = dict(condition.params)
    texts = ", ".join(f"ifNull(toString({schema.field(name, partial(bind, params)).text}), '')" for name in names)
    window, count = await _newest(source, scope, condition, table)
    sql = f"""SELECT at, value, count() AS n, count() OVER (PARTITION BY at) AS distinct
        FROM (SELECT [{texts}] AS texts FROM {table}
            WHERE {window.where()} AND {condition.sql} AND {one_in(count, ROWS_MAX)})
        ARRAY JOIN texts AS value, arrayEnumerate(texts) AS at WHERE value != ''
        GROUP BY at, value ORDER BY at, n DESC, value LIMIT {VALUES_MAX} BY at"""
    found = [Facet(field=name, values=[], distinct=0) for name in names]
    for row in await source.rows(sql, {**params, **window.params}):
        facet = found[row["at"] - 1]
        facet.distinct = row["distinct"]
        facet.values.append(FacetValue(value=row["value"], count=row["n"]))
    elapsed_ms = round((time.perf_counter() - started) * 1000, 2)
    return Facets(facets=found, sampled=count >= ROWS_MAX, stats=QueryStats(elapsed_ms=elapsed_ms))


def one_in(rows: int, rows_max: int) -> str:
    """Condition that takes about as many of so many rows, always the same ones."""
    return f"cityHash64(Segment, SegmentRow) % {math.ceil(rows / rows_max)} = 0" if rows > rows_max else "1"


async def _newest(source: Source, scope: Scope, condition: Condition, table: str) -> tuple[Scope, int]:
    """The first window that has enough rows, or the whole range; and how many it has."""
    found = scope, 0
    for window in widening(scope.span):
        inside = replace(scope, span=window)
        sql = f"SELECT count() AS n FROM {table} WHERE {inside.where()} AND {condition.sql}"
        rows = await source.rows(sql, {**condition.params, **inside.params})
        found = inside, rows[0]["n"]
        if rows[0]["n"] >= ROWS_MAX:
            break
    return found
