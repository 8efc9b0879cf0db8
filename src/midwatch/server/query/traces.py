"""Traces and spans: by id, facets, histogram. The search is in `trace_search.py`."""

import time
from collections import Counter
from typing import Any

from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.model.timerange import format_time
from midwatch.server.query.facets import facets
from midwatch.server.query.had import Waiting
from midwatch.server.query.logs import histogram, stats_since
from midwatch.server.query.search.fields import SPANS
from midwatch.server.query.search.language import compile_search
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.trace_search import MARGIN_NS, ORDER, TraceSearch, services_of
from midwatch.server.query.values import typed
from midwatch.server.schemas.logs import Facets, Histogram
from midwatch.server.schemas.traces import (
    SpanDetail,
    SpanEvent,
    SpanLink,
    SpanSummary,
    TraceDetail,
    TracePage,
)

SPANS_MAX = 20_000
"""Spans that one answer holds."""
DEFAULT_FACETS = ("service", "name", "kind", "env", "http.response.status_code", "http.route")
SPAN = """toUnixTimestamp64Nano(Timestamp) AS ts, SpanId AS span_id, ParentSpanId AS parent, toString(SpanName) AS name,
    toString(SpanKind) AS kind, toString(ServiceName) AS service, toString(StatusCode) AS status, Duration AS duration,
    toString(Environment) AS env, length(`Events.Name`) AS events, has(`Events.Name`, 'exception') AS exception"""
DETAIL = """StatusMessage AS status_message, TraceState AS trace_state, toString(ScopeName) AS scope, Weight AS weight,
    SpanAttributes AS attributes, SpanAttributeTypes AS types, ResourceAttributes AS resource,
    ResourceAttributeTypes AS resource_types, arrayMap(t -> toUnixTimestamp64Nano(t), `Events.Timestamp`) AS event_times,
    `Events.Name` AS event_names, `Events.Attributes` AS event_attributes, `Links.TraceId` AS link_traces,
    `Links.SpanId` AS link_spans, `Links.Attributes` AS link_attributes, Adjustments AS adjustments"""
_IN_TRACE = """Project = {project:UInt32} AND TraceId = {trace:String}
    AND Timestamp BETWEEN fromUnixTimestamp64Nano({low:Int64}, 'UTC') AND fromUnixTimestamp64Nano({high:Int64}, 'UTC')"""


class TraceQueries:
    def __init__(self, source: Source, clock: Clock, waiting: Waiting) -> None:
        self._source = source
        self._search = TraceSearch(source, clock, waiting)

    async def search(
        self,
        scope: Scope,
        query: str,
        *,
        limit: int,
        cursor: str | None,
        slowest: bool,
        duration_ms: tuple[float | None, float | None] = (None, None),
    ) -> TracePage:
        """Traces of which any span matches, and that as a whole took at least and at most so long."""
        return await self._search.page(
            scope, query, limit=limit, cursor=cursor, slowest=slowest, duration_ms=duration_ms
        )

    async def by_id(self, trace_id: str, project: int = 1) -> TraceDetail:
        """The whole trace, however late its parts came."""
        started = time.perf_counter()
        bounds = await self._bounds(trace_id, project)
        sql = f"SELECT {SPAN} FROM spans WHERE {_IN_TRACE} ORDER BY {ORDER} LIMIT {SPANS_MAX + 1}"
        rows = await self._source.rows(sql, bounds)
        if not rows:
            raise NotFound(f"cannot find trace {trace_id}: it has expired, is not here yet, or never was sent")
        logs_sql = f"SELECT count() AS n FROM logs WHERE {_IN_TRACE}"
        logs = await self._source.rows(
            logs_sql, {**bounds, "low": bounds["low"] - MARGIN_NS, "high": bounds["high"] + MARGIN_NS}
        )
        truncated, rows = len(rows) > SPANS_MAX, rows[:SPANS_MAX]
        start = rows[0]["ts"]
        ids = {row["span_id"] for row in rows}
        return TraceDetail(
            trace_id=trace_id,
            start=format_time(start),
            duration_ns=max(row["ts"] + row["duration"] for row in rows) - start,
            environment=rows[0]["env"],
            spans=[SpanSummary(**_span(row, start)) for row in rows],
            missing_parents=sorted({row["parent"] for row in rows if row["parent"] and row["parent"] not in ids}),
            services=services_of(
                Counter(row["service"] for row in rows),
                Counter(row["service"] for row in rows if row["status"] == "error"),
            ),
            log_count=logs[0]["n"],
            truncated=truncated,
            stats=stats_since(started),
        )

    async def span(self, trace_id: str, span_id: str, project: int = 1) -> SpanDetail:
        bounds = await self._bounds(trace_id, project)
        sql = f"""SELECT {SPAN}, {DETAIL}, (SELECT toUnixTimestamp64Nano(min(Timestamp)) FROM spans WHERE {_IN_TRACE}) AS start
            FROM spans WHERE {_IN_TRACE} AND SpanId = {{span:String}} ORDER BY {ORDER} LIMIT 1"""
        rows = await self._source.rows(sql, {**bounds, "span": span_id})
        if not rows:
            raise NotFound(f"cannot find span {span_id} of trace {trace_id}")
        row = rows[0]
        start = row["start"]
        return SpanDetail(
            **_span(row, start),
            trace_id=trace_id,
            start=format_time(row["ts"]),
            environment=row["env"],
            status_message=row["status_message"],
            trace_state=row["trace_state"],
            scope=row["scope"],
            weight=row["weight"],
            attributes=typed(row["attributes"], row["types"]),
            resource=typed(row["resource"], row["resource_types"]),
            events=[
                SpanEvent(offset_ns=at - start, name=name, attributes=attributes)
                for at, name, attributes in zip(
                    row["event_times"], row["event_names"], row["event_attributes"], strict=True
                )
            ],
            links=[
                SpanLink(trace_id=trace, span_id=span, attributes=attributes)
                for trace, span, attributes in zip(
                    row["link_traces"], row["link_spans"], row["link_attributes"], strict=True
                )
            ],
            adjustments=list(row["adjustments"]),
        )

    async def histogram(self, scope: Scope, query: str) -> Histogram:
        condition, started = compile_search(query, SPANS), time.perf_counter()
        return await histogram(self._source, scope, condition, started, table="spans", by="StatusCode")

    async def facets(self, scope: Scope, query: str, names: tuple[str, ...]) -> Facets:
        return await facets(self._source, scope, compile_search(query, SPANS), "spans", names or DEFAULT_FACETS)

    async def _bounds(self, trace_id: str, project: int) -> dict[str, Any]:
        if not _is_trace_id(trace_id):
            raise BadRequest(f"trace_id={trace_id[:40]!r}: expected 32 hexadecimal digits")
        sql = """SELECT count() AS n, toUnixTimestamp64Nano(min(Start)) AS low, toUnixTimestamp64Nano(max(End)) AS high
            FROM trace_index WHERE Project = {project:UInt32} AND TraceId = {trace:String}"""
        rows = await self._source.rows(sql, {"project": project, "trace": trace_id})
        if not rows[0]["n"]:
            raise NotFound(f"cannot find trace {trace_id}: it has expired, is not here yet, or never was sent")
        return {"project": project, "trace": trace_id, "low": rows[0]["low"], "high": rows[0]["high"]}


def _is_trace_id(text: str) -> bool:
    return len(text) == 32 and all(character in "0123456789abcdef" for character in text)


def _span(row: dict[str, Any], start: int) -> dict[str, Any]:
    return {
        "span_id": row["span_id"],
        "parent_span_id": row["parent"],
        "name": row["name"],
        "kind": row["kind"],
        "service": row["service"],
        "status": row["status"],
        "start_offset_ns": row["ts"] - start,
        "duration_ns": row["duration"],
        "event_count": row["events"],
        "has_exception": bool(row["exception"]),
    }
