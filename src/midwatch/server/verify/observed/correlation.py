"""Where a correlation id gets lost: a caller has it, and what it called has none, or another one."""

import math
from dataclasses import dataclass
from typing import Any

from midwatch.contract import fields
from midwatch.server.query.source import Scope
from midwatch.server.verify.asked import Rows

ITEMS_MAX = 2_000_000
"""Spans and lines that are looked at; of more, whole traces are left out, always the same ones."""
CALLS_MAX = 500


@dataclass(frozen=True, slots=True)
class Call:
    """Calls of one service by another, in traces in which the caller has a correlation id."""

    source: str
    target: str
    calls: int
    """Traces."""
    lost: int
    """Of these, where the called service has none."""
    replaced: int
    """Where it has another."""
    example: str
    """A trace of those."""
    since_ns: int

    @property
    def broken(self) -> int:
        return self.lost + self.replaced


async def calls(source: Rows, scope: Scope) -> list[Call]:
    """Calls on which the id is lost or replaced in some traces, the worst first.

    A service has the id of a trace when one of its spans or lines there does; of several calls between the same two
    services in one trace, one counts for all.
    """
    ids = ", ".join(f"'{name}'" for name in fields.names_of(fields.CORRELATION_ID))

    def of(attributes: str) -> str:
        return f"arrayFirst(v -> v != '', arrayMap(k -> {attributes}[k], [{ids}]))"

    part = f"cityHash64(TraceId) % {await _one_in(source, scope)} = 0"
    where = f"{scope.where()} AND TraceId != '' AND {part}"
    pairs = f"""SELECT callee.TraceId AS TraceId, toString(caller.ServiceName) AS source,
            toString(callee.ServiceName) AS target, min(toUnixTimestamp64Nano(callee.Timestamp)) AS at
        FROM (SELECT TraceId, SpanId, ServiceName FROM spans WHERE {where}) AS caller
        INNER JOIN (SELECT TraceId, ParentSpanId, ServiceName, Timestamp FROM spans
            WHERE {where} AND ParentSpanId != '') AS callee
        ON caller.TraceId = callee.TraceId AND caller.SpanId = callee.ParentSpanId
        WHERE caller.ServiceName != callee.ServiceName GROUP BY TraceId, source, target"""
    # Of traces without such a call nothing has to be known: they are by far the most.
    wanted = f"{where} AND TraceId GLOBAL IN (SELECT TraceId FROM ({pairs}))"
    known = f"""SELECT TraceId, mapFromArrays(groupArray(service), groupArray(ids)) AS known FROM (
            SELECT TraceId, service, arrayFilter(v -> v != '', groupUniqArray(5)(id)) AS ids FROM (
                SELECT TraceId, toString(ServiceName) AS service, {of("SpanAttributes")} AS id FROM spans WHERE {wanted}
                UNION ALL
                SELECT TraceId, toString(ServiceName), {of("LogAttributes")} FROM logs WHERE {wanted}
            ) GROUP BY TraceId, service
        ) GROUP BY TraceId"""
    sql = f"""SELECT source, target, count() AS n, countIf(empty(theirs)) AS lost,
            countIf(notEmpty(theirs) AND NOT hasAny(ours, theirs)) AS replaced,
            argMaxIf(TraceId, at, NOT hasAny(ours, theirs)) AS example, minIf(at, NOT hasAny(ours, theirs)) AS since
        FROM (
            SELECT p.TraceId AS TraceId, p.source AS source, p.target AS target, p.at AS at,
                t.known[p.source] AS ours, t.known[p.target] AS theirs
            FROM ({pairs}) AS p INNER JOIN ({known}) AS t ON t.TraceId = p.TraceId
        ) WHERE notEmpty(ours) GROUP BY source, target HAVING lost + replaced > 0
        ORDER BY lost + replaced DESC, source, target LIMIT {CALLS_MAX}"""
    return [
        Call(
            row["source"],
            row["target"],
            row["n"],
            row["lost"],
            row["replaced"],
            row["example"],
            row["since"],
        )
        for row in await source.rows(sql, scope.params)
    ]


async def _one_in(source: Rows, scope: Scope) -> int:
    """Of so many traces one is looked at."""
    counted: list[dict[str, Any]] = await source.rows(
        f"""SELECT (SELECT count() FROM spans WHERE {scope.where()})
            + (SELECT count() FROM logs WHERE {scope.where()}) AS n""",
        scope.params,
    )
    return max(1, math.ceil(int(counted[0]["n"]) / ITEMS_MAX))
