"""Log records: search, one line, lines around it, histogram, facets, tail, export."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

from midwatch.server.http.schemas.base import QueryStats
from midwatch.server.http.schemas.logs import (
    Facet,
    Facets,
    FacetValue,
    Histogram,
    HistogramBucket,
    LogContext,
    LogPage,
    LogRow,
)
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.model.timerange import TimeRange, format_time
from midwatch.server.query.search.fields import LOGS, SPANS
from midwatch.server.query.search.language import Condition, bind, compile_search
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.values import typed

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
WINDOWS_SECONDS = (900, 6 * 3600, 48 * 3600)
"""Newest-first searches look at a little time first: most are answered by it."""
HISTOGRAM_BUCKETS = 60
STEPS_SECONDS = (0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1800, 3600, 10800, 21600, 86400, 604800, 2592000, 31536000)
FACET_VALUES = 10
FACET_ROWS_MAX = 200_000
DEFAULT_FACETS = ("level", "service", "env", "event", "scope")
TAIL_SECONDS = 1.0
TAIL_ROWS_MAX = 500
"""Lines of one tick of a tail; more are counted and left out."""


class LogQueries:
    def __init__(self, source: Source, clock: Clock) -> None:
        self._source = source
        self._clock = clock

    async def search(self, scope: Scope, query: str, *, limit: int, cursor: str | None, oldest_first: bool) -> LogPage:
        """A page of lines, newest first unless asked otherwise."""
        condition, started = compile_search(query, LOGS), time.perf_counter()
        params = {**condition.params, **scope.params}
        where = [scope.where(), condition.sql]
        if cursor:
            params |= _cursor_params(cursor)
            where.append(f"{KEY} {'>' if oldest_first else '<'} {CURSOR_KEY}")
        rows: list[dict[str, Any]] = []
        for window in _windows(scope.span, cursor, widen=not oldest_first):
            direction = "ASC" if oldest_first else "DESC"
            order = f"Timestamp {direction}, Segment {direction}, SegmentRow {direction}"
            sql = f"SELECT {COLUMNS} FROM logs WHERE {' AND '.join(where)} ORDER BY {order} LIMIT {limit + 1}"
            rows = await self._source.rows(sql, {**params, "start": window.start_ns, "end": window.end_ns})
            if len(rows) > limit:
                break
        lines = [_line(row) for row in rows[:limit]]
        following = lines[-1].id if len(rows) > limit else None
        return LogPage(rows=lines, next_cursor=following, stats=stats_since(started))

    async def one(self, line_id: str, project: int = 1) -> LogRow:
        params = {**_cursor_params(line_id), "project": project}
        sql = f"SELECT {COLUMNS} FROM logs WHERE Project = {{project:UInt32}} AND {KEY} = {CURSOR_KEY} LIMIT 1"
        rows = await self._source.rows(sql, params)
        if not rows:
            raise NotFound(f"cannot find log record {line_id}: it has expired, or never was")
        return _line(rows[0])

    async def context(self, line_id: str, *, before: int, after: int, same_service: bool) -> LogContext:
        """The lines around one, of its service and environment or of all."""
        line = await self.one(line_id)
        params: dict[str, Any] = {**_cursor_params(line_id), "project": 1}
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
            return [_line(row) for row in await self._source.rows(sql, params)]

        earlier, later = await asyncio.gather(side("<", "DESC", before), side(">", "ASC", after))
        return LogContext(before=earlier[::-1], line=line, after=later)

    async def histogram(self, scope: Scope, query: str) -> Histogram:
        condition, started = compile_search(query, LOGS), time.perf_counter()
        return await histogram(self._source, scope, condition, started, table="logs", by="Level")

    async def facets(self, scope: Scope, query: str, names: tuple[str, ...]) -> Facets:
        condition = compile_search(query, LOGS)
        return await facets(self._source, scope, condition, "logs", names or DEFAULT_FACETS)

    async def tail(self, scope: Scope, query: str) -> AsyncIterator[LogRow | int]:
        """Lines as they become visible, late ones included; a number tells how many were left out."""
        condition = compile_search(query, LOGS)
        base = "Project = {project:UInt32}" + (
            " AND Environment IN {environments:Array(String)}" if scope.environments else ""
        )
        began_ms = seen_ms = self._clock.now_ns() // 10**6 - 2000
        known: set[str] = set()
        shown, dropped, floor = 0, 0, (0, "", 0)
        where = (
            f"{base} AND {condition.sql} AND ReceivedAt >= fromUnixTimestamp64Milli({{seen:Int64}}, 'UTC')"
            " AND Timestamp >= now() - INTERVAL 1 DAY"
        )
        newest_first = (
            f"SELECT {COLUMNS}, toUnixTimestamp64Milli(ReceivedAt) AS received FROM logs WHERE {where}"
            f" ORDER BY ReceivedAt DESC, Segment DESC, SegmentRow DESC LIMIT {TAIL_ROWS_MAX}"
        )
        while True:
            params = {**condition.params, **scope.params, "seen": seen_ms}
            rows = (await self._source.rows(newest_first, params))[::-1]
            for row in rows:
                if _id(row) not in known and _came(row) >= floor:
                    shown += 1
                    yield _line(row)
            if len(rows) == TAIL_ROWS_MAX:
                floor = _came(rows[0])  # what came before is counted below, and not shown later
                total = await self._source.rows(
                    f"SELECT count() AS n FROM logs WHERE {where}", {**params, "seen": began_ms}
                )
                if (left_out := total[0]["n"] - shown - dropped) > 0:
                    dropped += left_out
                    yield left_out
            # Segments become visible seconds after they were received: look back that far, and know what was shown.
            newest = max((row["received"] for row in rows), default=seen_ms)
            seen_ms = max(seen_ms, newest - 10_000)
            known = {_id(row) for row in rows if row["received"] >= seen_ms} | known
            if len(known) > 20 * TAIL_ROWS_MAX:
                known = {_id(row) for row in rows}
            await asyncio.sleep(TAIL_SECONDS)

    async def export(self, scope: Scope, query: str) -> AsyncIterator[list[LogRow]]:
        """Everything that a search finds, oldest first, in blocks."""
        condition = compile_search(query, LOGS)
        where = f"{scope.where()} AND {condition.sql}"
        sql = f"SELECT {COLUMNS} FROM logs WHERE {where} ORDER BY Timestamp, Segment, SegmentRow"
        async for block in self._source.stream(sql, {**condition.params, **scope.params}):
            yield [_line(row) for row in block]


async def histogram(
    source: Source, scope: Scope, condition: Condition, started: float, *, table: str, by: str
) -> Histogram:
    """Rows over time by a low-cardinality column, with every bucket of the range."""
    step = next((step for step in STEPS_SECONDS if scope.span.seconds / step <= HISTOGRAM_BUCKETS), STEPS_SECONDS[-1])
    step_ns = int(step * 1e9)
    sql = (
        f"SELECT intDiv(toUnixTimestamp64Nano(Timestamp), {step_ns}) AS bucket, toString({by}) AS name, count() AS n"
        f" FROM {table} WHERE {scope.where()} AND {condition.sql} GROUP BY bucket, name"
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


async def facets(source: Source, scope: Scope, condition: Condition, table: str, names: tuple[str, ...]) -> Facets:
    """The most frequent values of some fields, over the newest rows of the result."""
    started, schema = time.perf_counter(), LOGS if table == "logs" else SPANS
    params = dict(condition.params)
    texts = [schema.field(name, partial(bind, params)).text for name in names[:20]]
    inner = ", ".join(f"{text} AS f{index}" for index, text in enumerate(texts))
    outer = ", ".join(
        f"topK({FACET_VALUES}, 3, 'counts')(f{index}) AS top{index}, uniq(f{index}) AS distinct{index}"
        for index in range(len(texts))
    )
    sql = (
        f"SELECT count() AS n, {outer} FROM (SELECT {inner} FROM {table} WHERE {scope.where()} AND {condition.sql}"
        f" LIMIT {FACET_ROWS_MAX})"
    )
    row = (await source.rows(sql, {**params, **scope.params}))[0]
    found = [
        Facet(
            field=name,
            values=[_facet_value(item) for item in row[f"top{index}"] if _facet_value(item).value != ""],
            distinct=row[f"distinct{index}"],
        )
        for index, name in enumerate(names[:20])
    ]
    return Facets(facets=found, sampled=row["n"] >= FACET_ROWS_MAX, stats=stats_since(started))


def _facet_value(item: Any) -> FacetValue:
    value, count = (item["item"], item["count"]) if isinstance(item, dict) else (item[0], item[1])
    return FacetValue(value=value, count=count)


def _came(row: dict[str, Any]) -> tuple[int, str, int]:
    """Where a line stands in the order of coming."""
    return row["received"], row["segment"], row["row"]


def _windows(span: TimeRange, cursor: str | None, *, widen: bool) -> list[TimeRange]:
    """Ranges to look at, each wider than the one before; the last is the whole."""
    if not widen:
        return [span]
    end = min(span.end_ns, _cursor_params(cursor)["c_ts"] + 1) if cursor else span.end_ns
    if end <= span.start_ns:
        return []
    starts = [end - seconds * 10**9 for seconds in WINDOWS_SECONDS]
    narrow = [TimeRange(start, end) for start in starts if start > span.start_ns]
    return [*narrow, replace(span, end_ns=end)]


def _cursor_params(line_id: str | None) -> dict[str, Any]:
    match = _ID.fullmatch(line_id or "")
    if match is None or int(match[2]) >= 2**32 or abs(int(match[3])) >= 2**63:
        raise BadRequest(f"id={(line_id or '')[:60]!r}: expected an id as the API gives them")
    return {"c_segment": match[1], "c_row": int(match[2]), "c_ts": int(match[3])}


def _id(row: dict[str, Any]) -> str:
    return f"{row['segment']}-{row['row']}-{row['ts']}"


def _line(row: dict[str, Any]) -> LogRow:
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
