"""Which web vitals a question is about, as one statement that others read from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from midwatch.server.model.web_vital import BOUNDS
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.vitals import columns

ROWS_MAX = 1_000_000
"""Read for one answer; of more, every second, third … page load is."""
Filters = Mapping[str, str]
"""Values by the names of `columns.FILTERS`; none: all."""


@dataclass(frozen=True, slots=True)
class Records:
    """A subquery with a row for each measurement: `name`, `value`, `ts` and the columns of FILTERS.

    SDKs tell a vital again when it grew; the last one of an id counts.
    """

    sql: str
    params: dict[str, Any]
    every: int


def conditions(scope: Scope, filters: Filters) -> tuple[list[str], dict[str, Any]]:
    parts, params = narrowed(filters)
    return [scope.where(), columns.IS_VITAL, *parts], scope.params | params


def narrowed(filters: Filters) -> tuple[list[str], dict[str, Any]]:
    """Conditions of the filters alone, and their parameters."""
    parts = [f"{columns.FILTERS[name]} = {{f_{name}:String}}" for name in filters]
    return parts, {f"f_{name}": value for name, value in filters.items()}


async def records(source: Source, scope: Scope, filters: Filters) -> Records:
    parts, params = conditions(scope, filters)
    rows = await source.rows(f"SELECT count() AS n FROM logs WHERE {' AND '.join(parts)}", params)
    every = max(1, -(-rows[0]["n"] // ROWS_MAX))
    if every > 1:
        parts.append(f"cityHash64({_LOAD}) % {every} = 0")
    said = ", ".join(f"argMax({expression}, Timestamp) AS {name}" for name, expression in columns.FILTERS.items())
    sql = f"""SELECT argMax(vital, Timestamp) AS name, argMax(measured, Timestamp) AS value, max(Timestamp) AS ts, {said}
        FROM (SELECT *, {columns.NAME} AS vital, {columns.VALUE} AS measured FROM logs
            WHERE {" AND ".join(parts)} AND vital IN ({", ".join(f"'{one}'" for one in BOUNDS)})
                AND isFinite(ifNull(measured, nan)) AND measured >= 0)
        GROUP BY cityHash64(vital, if({_ID} != '', {_ID}, concat(Segment, toString(SegmentRow))))"""
    return Records(sql, params, every)


_ID = "LogAttributes['browser.web_vital.id']"
_LOAD = f"if(TraceId != '', TraceId, {_ID})"
"""What the vitals of one page load have in common, as far as it is told."""


def rated(figure: str = "value") -> str:
    """Columns `good`, `needs_improvement` and `poor`: how many were each, by `name`."""
    good = _bound(0)
    poor = _bound(1)
    return (
        f"countIf({figure} <= {good}) AS good, countIf({figure} > {good} AND {figure} <= {poor}) AS needs_improvement,"
        f" countIf({figure} > {poor}) AS poor"
    )


def _bound(place: int) -> str:
    names, values = list(BOUNDS), [bounds[place] for bounds in BOUNDS.values()]
    return f"transform(name, {names}, {values}, 0.)"
