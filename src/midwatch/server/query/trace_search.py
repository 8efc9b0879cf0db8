"""Traces by what their spans are: a page of the newest or slowest of them."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from midwatch.server.model.clock import Clock
from midwatch.server.model.timerange import TimeRange, format_time
from midwatch.server.query.had import Had, Waiting
from midwatch.server.query.logs import stats_since
from midwatch.server.query.search.fields import SPANS
from midwatch.server.query.search.language import compile_search
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.trace_cursor import TraceCursor, first_page, next_page
from midwatch.server.query.windows import backwards, unless_too_much, widening
from midwatch.server.schemas.traces import ServiceCount, TracePage, TraceSummary

MARGIN_NS = 10 * 60 * 10**9
ORDER = "Timestamp, Segment, SegmentRow"
"""By time; spans of one moment as they were sent."""
_BETWEEN = """Timestamp BETWEEN fromUnixTimestamp64Nano({low:Int64}, 'UTC')
    AND fromUnixTimestamp64Nano({high:Int64}, 'UTC')"""


class TraceSearch:
    def __init__(self, source: Source, clock: Clock, waiting: Waiting) -> None:
        self._source = source
        self._clock = clock
        self._waiting = waiting

    async def page(
        self,
        scope: Scope,
        query: str,
        *,
        limit: int,
        cursor: str | None,
        slowest: bool,
        duration_ms: tuple[float | None, float | None],
    ) -> TracePage:
        condition, started = compile_search(query, SPANS), time.perf_counter()
        params = {**condition.params, **scope.params}
        key, following = ("longest" if slowest else "newest"), ""
        after = TraceCursor.read(cursor) if cursor else None
        if after is not None:
            known, segments = after.known, next_page(after, params)
            following = f"HAVING ({key}, TraceId) < ({{c_key:Int64}}, {{c_trace:String}})"
        else:
            known = Had.as_of(self._clock.now_ns(), self._waiting())
            segments = first_page(known, params)
        of_spans = f"{scope.where()} AND {condition.sql}{_of_duration(scope, params, duration_ms)}{segments}"
        sql = f"""SELECT TraceId, count() AS matched, toInt64(max(Duration)) AS longest,
                toUnixTimestamp64Nano(max(Timestamp)) AS newest, lower(hex(max(Segment))) AS last_segment
            FROM spans WHERE {of_spans}
            GROUP BY TraceId {following} ORDER BY {key} DESC, TraceId DESC LIMIT {{first:UInt32}}"""
        if slowest:
            found, counted = await self._source.rows(sql, {**params, "first": limit + 1}), scope.span
            partial = False
        elif after is not None:
            found, counted, partial = await self._widening(sql, params, scope.span, limit, after.key)
        else:
            found, counted, partial = await self._backwards(sql, params, scope.span, limit)
        page = found[:limit]
        within = await self._range_of(page, scope)
        rest = TimeRange(max(within.start_ns, scope.span.start_ns), counted.start_ns)
        partial |= not await self._count_the_rest(of_spans, params, page, rest)
        summaries = await self._summaries(page, within, scope.project)
        traces = []
        for row in page:
            if (summary := summaries.get(row["TraceId"])) is not None:
                summary.matched_spans = row["matched"]
                traces.append(summary)
        next_cursor = None
        if len(found) > limit:
            segments_shown = (row["last_segment"] for row in page)
            next_cursor = str(TraceCursor.after(page[-1][key], page[-1]["TraceId"], known, segments_shown))
        return TracePage(traces=traces, next_cursor=next_cursor, partial=partial, stats=stats_since(started))

    async def _widening(
        self, sql: str, params: Mapping[str, Any], span: TimeRange, limit: int, from_ns: int
    ) -> tuple[list[dict[str, Any]], TimeRange, bool]:
        """A later page: what an earlier one showed is told by its newest span, so every part begins with the newest."""
        found: list[dict[str, Any]] = []
        reached = span
        for window in widening(span, from_ns=from_ns):
            asked = self._source.rows(sql, {**params, "start": window.start_ns, "first": limit + 1})
            if (wider := await unless_too_much(asked, found)) is None:
                return found, reached, True
            found, reached = wider, window
            if len(found) > limit:
                break
        return found, reached, False

    async def _backwards(
        self, sql: str, params: Mapping[str, Any], span: TimeRange, limit: int
    ) -> tuple[list[dict[str, Any]], TimeRange, bool]:
        """The first page, part by part; from when on all spans that match are counted, and whether it is partial."""
        found: dict[str, dict[str, Any]] = {}
        counted = replace(span, start_ns=span.end_ns)
        for part in backwards(span, limit + 1, found.__len__):
            first = limit + 1 + len(found)
            asked = self._source.rows(sql, {**params, "start": part.start_ns, "end": part.end_ns, "first": first})
            if (rows := await unless_too_much(asked, found)) is None:
                return list(found.values()), counted, True
            whole = len(rows) < first
            for row in rows:
                row["matched"] *= whole
                known = found.setdefault(row["TraceId"], row)
                if known is not row:
                    known["matched"] += row["matched"]
                    known["last_segment"] = max(known["last_segment"], row["last_segment"])
            if whole:
                counted = replace(span, start_ns=part.start_ns)
        return list(found.values()), counted, False

    async def _range_of(self, page: list[dict[str, Any]], scope: Scope) -> TimeRange:
        """From the first to the last span of these traces, as far as the search and its margins reach."""
        if not page:
            return scope.span
        sql = """SELECT count() AS n, toUnixTimestamp64Nano(min(Start)) AS low, toUnixTimestamp64Nano(max(End)) AS high
            FROM trace_index WHERE Project = {project:UInt32} AND TraceId IN {ids:Array(String)}"""
        (row,) = await self._source.rows(sql, {"project": scope.project, "ids": [row["TraceId"] for row in page]})
        newest = [trace["newest"] for trace in page]
        low, high = (row["low"], row["high"]) if row["n"] else (scope.span.start_ns - MARGIN_NS, max(newest))
        # A span can be seen a moment before its entry in the index.
        return TimeRange(
            max(min(low, *newest), scope.span.start_ns - MARGIN_NS),
            min(max(high, *newest), scope.span.end_ns + MARGIN_NS) + 1,
        )

    async def _count_the_rest(
        self, of_spans: str, params: Mapping[str, Any], page: list[dict[str, Any]], span: TimeRange
    ) -> bool:
        """Add the matching spans of this time, which lies before what was counted; False where that is too much."""
        if not page or span.start_ns >= span.end_ns:
            return True
        sql = f"""SELECT TraceId, count() AS matched FROM spans
            WHERE {of_spans} AND TraceId IN {{page:Array(String)}} GROUP BY TraceId"""
        ids = [row["TraceId"] for row in page]
        asked = self._source.rows(sql, {**params, "page": ids, "start": span.start_ns, "end": span.end_ns})
        if (found := await unless_too_much(asked, page)) is None:
            return False
        rest = {row["TraceId"]: row["matched"] for row in found}
        for row in page:
            row["matched"] += rest.get(row["TraceId"], 0)
        return True

    async def _summaries(self, page: list[dict[str, Any]], span: TimeRange, project: int) -> dict[str, TraceSummary]:
        if not page:
            return {}
        sql = f"""SELECT TraceId, toUnixTimestamp64Nano(min(Timestamp)) AS start,
                max(toUnixTimestamp64Nano(Timestamp) + toInt64(Duration)) AS end, count() AS n,
                countIf(StatusCode = 'error') AS errors, toString(argMin(Environment, ({ORDER}))) AS env,
                argMinIf(toString(ServiceName), ({ORDER}), ParentSpanId = '') AS root_service,
                argMinIf(toString(SpanName), ({ORDER}), ParentSpanId = '') AS root_name,
                sumMap(map(toString(ServiceName), toUInt64(1))) AS spans_of,
                sumMap(map(toString(ServiceName), toUInt64(StatusCode = 'error'))) AS errors_of
            FROM spans WHERE Project = {{project:UInt32}} AND TraceId IN {{ids:Array(String)}} AND {_BETWEEN}
            GROUP BY TraceId"""
        ids = [row["TraceId"] for row in page]
        params = {"project": project, "ids": ids, "low": span.start_ns, "high": span.end_ns}
        return {row["TraceId"]: _summary(row) for row in await self._source.rows(sql, params)}


def _of_duration(scope: Scope, params: dict[str, Any], duration_ms: tuple[float | None, float | None]) -> str:
    """Condition on how long the whole trace took, from the index; its values go into the parameters."""
    if duration_ms == (None, None):
        return ""
    shortest, longest = duration_ms
    params |= {
        "shortest": int((shortest or 0) * 1e6),
        "longest": 2**62 if longest is None else int(longest * 1e6),
        "index_low": scope.span.start_ns - MARGIN_NS,
        "index_high": scope.span.end_ns + MARGIN_NS,
    }
    return """ AND TraceId IN (SELECT TraceId FROM trace_index WHERE Project = {project:UInt32}
            AND Start BETWEEN fromUnixTimestamp64Nano({index_low:Int64}, 'UTC')
                AND fromUnixTimestamp64Nano({index_high:Int64}, 'UTC')
        GROUP BY TraceId HAVING toUnixTimestamp64Nano(max(End)) - toUnixTimestamp64Nano(min(Start))
            BETWEEN {shortest:Int64} AND {longest:Int64})"""


def _summary(row: dict[str, Any]) -> TraceSummary:
    return TraceSummary(
        trace_id=row["TraceId"],
        start=format_time(row["start"]),
        duration_ns=row["end"] - row["start"],
        root_service=row["root_service"],
        root_operation=row["root_name"],
        environment=row["env"],
        span_count=row["n"],
        error_count=row["errors"],
        services=services_of(row["spans_of"], row["errors_of"]),
        matched_spans=0,
    )


def services_of(spans: Mapping[str, int], errors: Mapping[str, int]) -> list[ServiceCount]:
    ordered = sorted(spans.items(), key=lambda item: (-item[1], item[0]))
    return [ServiceCount(service=name, spans=count, errors=errors.get(name, 0)) for name, count in ordered]
