"""Traces and spans: by id, search, facets, histogram."""

import time
from typing import Any

from midwatch.server.http.schemas.logs import Facets, Histogram
from midwatch.server.http.schemas.traces import (
    ServiceCount,
    SpanDetail,
    SpanEvent,
    SpanLink,
    SpanSummary,
    TraceDetail,
    TracePage,
    TraceSummary,
)
from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.model.timerange import format_time
from midwatch.server.query.logs import facets, histogram, stats_since
from midwatch.server.query.search.fields import SPANS
from midwatch.server.query.search.language import compile_search
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.values import typed

SPANS_MAX = 20_000
"""Spans that one answer holds."""
DEFAULT_FACETS = ("service", "name", "kind", "env", "http.response.status_code", "http.route")
MARGIN_NS = 10 * 60 * 10**9
_SPAN = """toUnixTimestamp64Nano(Timestamp) AS ts, SpanId AS span_id, ParentSpanId AS parent, toString(SpanName) AS name,
    toString(SpanKind) AS kind, toString(ServiceName) AS service, toString(StatusCode) AS status, Duration AS duration,
    toString(Environment) AS env, length(`Events.Name`) AS events, has(`Events.Name`, 'exception') AS exception"""
_DETAIL = """StatusMessage AS status_message, TraceState AS trace_state, toString(ScopeName) AS scope, Weight AS weight,
    SpanAttributes AS attributes, SpanAttributeTypes AS types, ResourceAttributes AS resource,
    ResourceAttributeTypes AS resource_types, arrayMap(t -> toUnixTimestamp64Nano(t), `Events.Timestamp`) AS event_times,
    `Events.Name` AS event_names, `Events.Attributes` AS event_attributes, `Links.TraceId` AS link_traces,
    `Links.SpanId` AS link_spans, `Links.Attributes` AS link_attributes, Adjustments AS adjustments"""
_IN_TRACE = """Project = {project:UInt32} AND TraceId = {trace:String}
    AND Timestamp BETWEEN fromUnixTimestamp64Nano({low:Int64}, 'UTC') AND fromUnixTimestamp64Nano({high:Int64}, 'UTC')"""


class TraceQueries:
    def __init__(self, source: Source) -> None:
        self._source = source

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
        condition, started = compile_search(query, SPANS), time.perf_counter()
        params = {**condition.params, **scope.params}
        key, following = ("longest" if slowest else "newest"), ""
        if cursor:
            number, _, trace_id = cursor.partition("-")
            if not number.isdigit() or int(number) >= 2**63 or not _is_trace_id(trace_id):
                raise BadRequest(f"cursor={cursor[:60]!r}: expected a cursor as the API gives them")
            params |= {"c_key": int(number), "c_trace": trace_id}
            following = f"HAVING ({key}, TraceId) < ({{c_key:Int64}}, {{c_trace:String}})"
        sql = f"""SELECT TraceId, count() AS matched, toInt64(max(Duration)) AS longest,
                toUnixTimestamp64Nano(max(Timestamp)) AS newest
            FROM spans WHERE {scope.where()} AND {condition.sql}{_of_duration(scope, params, duration_ms)}
            GROUP BY TraceId {following} ORDER BY {key} DESC, TraceId DESC LIMIT {limit + 1}"""
        found = await self._source.rows(sql, params)
        page = found[:limit]
        summaries = await self._summaries([row["TraceId"] for row in page], scope)
        traces = []
        for row in page:
            if (summary := summaries.get(row["TraceId"])) is not None:
                summary.matched_spans = row["matched"]
                traces.append(summary)
        next_cursor = f"{page[-1][key]}-{page[-1]['TraceId']}" if len(found) > limit else None
        return TracePage(traces=traces, next_cursor=next_cursor, stats=stats_since(started))

    async def _summaries(self, trace_ids: list[str], scope: Scope) -> dict[str, TraceSummary]:
        if not trace_ids:
            return {}
        sql = """SELECT TraceId, toUnixTimestamp64Nano(min(Timestamp)) AS start,
                max(toUnixTimestamp64Nano(Timestamp) + toInt64(Duration)) AS end, count() AS n,
                countIf(StatusCode = 'error') AS errors, toString(any(Environment)) AS env,
                argMinIf(toString(ServiceName), Timestamp, ParentSpanId = '') AS root_service,
                argMinIf(toString(SpanName), Timestamp, ParentSpanId = '') AS root_name,
                groupArray(2000)((toString(ServiceName), StatusCode = 'error')) AS services
            FROM spans WHERE Project = {project:UInt32} AND TraceId IN {ids:Array(String)}
                AND Timestamp BETWEEN fromUnixTimestamp64Nano({low:Int64}, 'UTC') AND fromUnixTimestamp64Nano({high:Int64}, 'UTC')
            GROUP BY TraceId"""
        low, high = scope.span.start_ns - MARGIN_NS, scope.span.end_ns + MARGIN_NS
        params = {"project": scope.project, "ids": trace_ids, "low": low, "high": high}
        return {row["TraceId"]: _summary(row) for row in await self._source.rows(sql, params)}

    async def by_id(self, trace_id: str, project: int = 1) -> TraceDetail:
        """The whole trace, however late its parts came."""
        started = time.perf_counter()
        bounds = await self._bounds(trace_id, project)
        sql = f"SELECT {_SPAN} FROM spans WHERE {_IN_TRACE} ORDER BY Timestamp LIMIT {SPANS_MAX + 1}"
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
            services=_services([(row["service"], row["status"] == "error") for row in rows]),
            log_count=logs[0]["n"],
            truncated=truncated,
            stats=stats_since(started),
        )

    async def span(self, trace_id: str, span_id: str, project: int = 1) -> SpanDetail:
        bounds = await self._bounds(trace_id, project)
        sql = f"""SELECT {_SPAN}, {_DETAIL}, (SELECT toUnixTimestamp64Nano(min(Timestamp)) FROM spans WHERE {_IN_TRACE}) AS start
            FROM spans WHERE {_IN_TRACE} AND SpanId = {{span:String}} LIMIT 1"""
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

    async def whole(self, trace_ids: list[str], project: int = 1) -> dict[str, list[dict[str, Any]]]:
        """Every span of some traces with all it has, in the order of the ids; traces that are not here are left out."""
        found = {}
        for trace_id in trace_ids:
            try:
                bounds = await self._bounds(trace_id, project)
            except NotFound:
                continue
            sql = f"SELECT {_SPAN}, {_DETAIL} FROM spans WHERE {_IN_TRACE} ORDER BY Timestamp LIMIT {SPANS_MAX}"
            rows = await self._source.rows(sql, bounds)
            for row in rows:
                row["attributes"] = typed(row["attributes"], row["types"])
                row["resource"] = typed(row["resource"], row["resource_types"])
                row["events"] = list(zip(row["event_times"], row["event_names"], row["event_attributes"], strict=True))
                row["links"] = list(zip(row["link_traces"], row["link_spans"], strict=True))
            found[trace_id] = rows
        return found

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
            AND Start BETWEEN fromUnixTimestamp64Nano({index_low:Int64}, 'UTC') AND fromUnixTimestamp64Nano({index_high:Int64}, 'UTC')
        GROUP BY TraceId HAVING toUnixTimestamp64Nano(max(End)) - toUnixTimestamp64Nano(min(Start))
            BETWEEN {shortest:Int64} AND {longest:Int64})"""


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
        services=_services([(service, bool(error)) for service, error in row["services"]]),
        matched_spans=0,
    )


def _services(spans: list[tuple[str, bool]]) -> list[ServiceCount]:
    counts: dict[str, list[int]] = {}
    for service, error in spans:
        count = counts.setdefault(service, [0, 0])
        count[0] += 1
        count[1] += error
    ordered = sorted(counts.items(), key=lambda item: -item[1][0])
    return [ServiceCount(service=service, spans=spans, errors=errors) for service, (spans, errors) in ordered]
