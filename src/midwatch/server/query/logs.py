"""Log records: search, one line, lines around it, histogram, facets, export. The tail is in `tail.py`."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.model.timerange import format_time
from midwatch.server.query.facets import facets
from midwatch.server.query.search.fields import LOGS
from midwatch.server.query.search.language import Condition, compile_search
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.values import typed
from midwatch.server.query.windows import backwards, unless_too_much
from midwatch.server.schemas.base import QueryStats
from midwatch.server.schemas.logs import (
    Facets,
    Histogram,
    HistogramBucket,
    LogContext,
    LogPage,
    LogRow,
)

COLUMNS = """toUnixTimestamp64Nano(Timestamp) AS ts, toUnixTimestamp64Nano(ObservedTimestamp) AS observed,
    toString(Level) AS level, toString(SeverityText) AS severity_text, SeverityNumber AS severity_number, toString(ServiceName) AS service,
    toString(Environment) AS env, Body AS body, toString(EventName) AS event, TraceId AS trace_id, SpanId AS span_id,
    LogAttributes AS attributes, LogAttributeTypes AS types, ResourceAttributes AS resource,
    ResourceAttributeTypes AS resource_types,
    toString(ScopeName) AS scope, Adjustments AS adjustments, lower(hex(Segment)) AS segment, SegmentRow AS row"""
KEY = "(Timestamp, Segment, SegmentRow)"
CURSOR_KEY = (
    "(fromUnixTimestamp64Nano({c_ts:Int64}, 'UTC'), CAST(unhex({c_segment:String}) AS FixedString(16)), {c_row:UInt32})"
)
_ID = re.compile(r"([0-9a-f]{32})-(\d{1,10})-(-?\d{1,19})")
HISTOGRAM_BUCKETS = 60
STEPS_SECONDS = (0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10800, 21600, 86400, 604800, 2592000, 31536000)
DEFAULT_FACETS = ("level", "service", "env", "event", "scope")


class LogQueries:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def search(self, scope: Scope, query: str, *, limit: int, cursor: str | None, oldest_first: bool) -> LogPage:
        """A page of lines, newest first unless asked otherwise; partial where going further back costs too much."""
        condition, started = compile_search(query, LOGS), time.perf_counter()
        params = {**condition.params, **scope.params}
        where = [scope.where(), condition.sql]
        if cursor:
            params |= _cursor_params(cursor)
            where.append(f"{KEY} {'>' if oldest_first else '<'} {CURSOR_KEY}")
        rows: list[dict[str, Any]] = []
        partial, span = False, scope.span
        if cursor and not oldest_first:
            span = replace(span, end_ns=min(span.end_ns, _cursor_params(cursor)["c_ts"] + 1))
        direction = "ASC" if oldest_first else "DESC"
        order = f"Timestamp {direction}, Segment {direction}, SegmentRow {direction}"
        sql = f"SELECT {COLUMNS} FROM logs WHERE {' AND '.join(where)} ORDER BY {order} LIMIT {{page:UInt32}}"
        for part in [span] if oldest_first else backwards(span, limit + 1, rows.__len__):
            page = {"start": part.start_ns, "end": part.end_ns, "page": limit + 1 - len(rows)}
            more = await unless_too_much(self._source.rows(sql, {**params, **page}), rows)
            if more is None:
                partial = True
                break
            rows.extend(more)
        lines = [line_of(row) for row in rows[:limit]]
        following = lines[-1].id if len(rows) > limit else None
        return LogPage(rows=lines, next_cursor=following, partial=partial, stats=stats_since(started))

    async def one(self, line_id: str, project: int = 1) -> LogRow:
        params = {**_cursor_params(line_id), "project": project}
        sql = f"SELECT {COLUMNS} FROM logs WHERE Project = {{project:UInt32}} AND {KEY} = {CURSOR_KEY} LIMIT 1"
        rows = await self._source.rows(sql, params)
        if not rows:
            raise NotFound(f"cannot find log record {line_id}: it has expired, or never was")
        return line_of(rows[0])

    async def context(
        self, line_id: str, *, before: int, after: int, same_service: bool, project: int = 1
    ) -> LogContext:
        """The lines around one, of its service and environment or of all."""
        line = await self.one(line_id, project)
        params: dict[str, Any] = {**_cursor_params(line_id), "project": project}
        hour = 3600 * 10**9
        params |= {"low": params["c_ts"] - 24 * hour, "high": params["c_ts"] + 24 * hour}
        near = "Project = {project:UInt32} AND Timestamp BETWEEN fromUnixTimestamp64Nano({low:Int64}, 'UTC')"
        near += " AND fromUnixTimestamp64Nano({high:Int64}, 'UTC')"
        if same_service:
            near += " AND ServiceName = {service:String} AND Environment = {env:String}"
            params |= {"service": line.service, "env": line.environment}

        async def side(sign: str, direction: str, limit: int) -> list[LogRow]:
            order = f"Timestamp {direction}, Segment {direction}, SegmentRow {direction}"
            sql = (
                f"SELECT {COLUMNS} FROM logs WHERE {near} AND {KEY} {sign} {CURSOR_KEY} ORDER BY {order} LIMIT {limit}"
            )
            return [line_of(row) for row in await self._source.rows(sql, params)]

        earlier, later = await asyncio.gather(side("<", "DESC", before), side(">", "ASC", after))
        return LogContext(before=earlier[::-1], line=line, after=later)

    async def histogram(self, scope: Scope, query: str) -> Histogram:
        condition, started = compile_search(query, LOGS), time.perf_counter()
        return await histogram(self._source, scope, condition, started, table="logs", by="Level")

    async def facets(self, scope: Scope, query: str, names: tuple[str, ...]) -> Facets:
        condition = compile_search(query, LOGS)
        return await facets(self._source, scope, condition, "logs", names or DEFAULT_FACETS)

    async def export(self, scope: Scope, query: str) -> AsyncIterator[list[LogRow]]:
        """Everything that a search finds, oldest first, in blocks."""
        condition = compile_search(query, LOGS)
        where = f"{scope.where()} AND {condition.sql}"
        sql = f"SELECT {COLUMNS} FROM logs WHERE {where} ORDER BY Timestamp, Segment, SegmentRow"
        async for block in self._source.stream(sql, {**condition.params, **scope.params}):
            yield [line_of(row) for row in block]


async def histogram(
    source: Source, scope: Scope, condition: Condition, started: float, *, table: str, by: str
) -> Histogram:
    """Rows over time by a low-cardinality column, with every bucket of the range."""
    step = next((step for step in STEPS_SECONDS if scope.span.seconds / step <= HISTOGRAM_BUCKETS), STEPS_SECONDS[-1])
    step_ns = int(step * 1e9)
    sql = (
        f"SELECT intDiv(toUnixTimestamp64Nano(Timestamp), {step_ns}) AS bucket, toString({by}) AS name, count() AS n"
        f" FROM {table} WHERE {scope.where()} AND {condition.sql} GROUP BY bucket, name ORDER BY bucket, name"
    )
    rows = await source.rows(sql, {**condition.params, **scope.params})
    counts: dict[int, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row["bucket"], {})[row["name"]] = row["n"]
    first, last = scope.span.start_ns // step_ns, (scope.span.end_ns - 1) // step_ns
    buckets = [
        HistogramBucket(start=format_time(bucket * step_ns), counts=counts.get(bucket, {}))
        for bucket in range(first, last + 1)
    ]
    return Histogram(
        step_seconds=step,
        start=format_time(scope.span.start_ns),
        end=format_time(scope.span.end_ns),
        buckets=buckets,
        total=sum(row["n"] for row in rows),
        stats=stats_since(started),
    )


def _cursor_params(line_id: str | None) -> dict[str, Any]:
    match = _ID.fullmatch(line_id or "")
    if match is None or int(match[2]) >= 2**32 or abs(int(match[3])) >= 2**63:
        raise BadRequest(f"id={(line_id or '')[:60]!r}: expected an id as the API gives them")
    return {"c_segment": match[1], "c_row": int(match[2]), "c_ts": int(match[3])}


def _id(row: dict[str, Any]) -> str:
    return line_id(row["segment"], row["row"], row["ts"])


def line_id(segment: str, row: int, ts_ns: int) -> str:
    """What the API calls a line; the segment in hex digits."""
    return f"{segment}-{row}-{ts_ns}"


def line_of(row: dict[str, Any]) -> LogRow:
    """The record of a row of `COLUMNS`."""
    return LogRow(
        id=_id(row),
        timestamp=format_time(row["ts"]),
        observed_timestamp=format_time(row["observed"]),
        level=row["level"],
        severity_text=row["severity_text"],
        severity_number=row["severity_number"],
        service=row["service"],
        environment=row["env"],
        body=row["body"],
        event_name=row["event"],
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        attributes=typed(row["attributes"], row["types"]),
        resource=typed(row["resource"], row["resource_types"]),
        scope=row["scope"],
        adjustments=list(row["adjustments"]),
    )


def stats_since(started: float) -> QueryStats:
    return QueryStats(elapsed_ms=round((time.perf_counter() - started) * 1000, 2))
