"""`/api/v1/logs…`, `/traces…`, `/services…`, `/service-map`, `/environments`, `/fields`, `/sql`."""

import contextlib
import csv
import io
import math
from collections.abc import AsyncIterator
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query
from fastapi.responses import StreamingResponse

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.scope_params import Cursor, Env, FieldNames, Limit, Project, Scopes, Search, names_of
from midwatch.server.model.actor import Role
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import StoreError
from midwatch.server.query.fields import FieldQueries
from midwatch.server.query.logs import LogQueries
from midwatch.server.query.services import ServiceQueries
from midwatch.server.query.source import Scope
from midwatch.server.query.sql import SqlQueries
from midwatch.server.query.tail import Event, LogTail
from midwatch.server.query.traces import TraceQueries
from midwatch.server.schemas.logs import Facets, FieldList, Histogram, LogContext, LogPage, LogRow
from midwatch.server.schemas.services import EnvironmentList, ServiceDetail, ServiceList, ServiceMap
from midwatch.server.schemas.sql import SqlRequest, SqlResult
from midwatch.server.schemas.traces import SpanDetail, TraceDetail, TracePage

_CSV_COLUMNS = ("timestamp", "level", "service", "environment", "body", "trace_id", "span_id", "attributes")
Milliseconds = Annotated[float | None, Query(ge=0, le=1e12, allow_inf_nan=False, description="of the whole trace")]
TraceId = Annotated[str, Path(pattern=r"^[0-9a-fA-F]{32}$")]
SpanId = Annotated[str, Path(pattern=r"^[0-9a-fA-F]{16}$")]
_EVENT_ID_MAX = 20_000
LastEventId = Annotated[str | None, Header(max_length=_EVENT_ID_MAX, description="as an EventSource reconnects")]
After = Annotated[str | None, Query(max_length=_EVENT_ID_MAX, description="the same, where no header can be set")]
KEEP_ALIVE_SECONDS = 15.0
"""Proxies close what is silent; the usual limit is a minute."""


def logs_routes(logs: LogQueries, tail: LogTail, guard: Guard, scopes: Scopes) -> APIRouter:
    router = _router("logs", guard)

    @router.get("/logs")
    async def search_logs(
        scope: Annotated[Scope, scopes.asked],
        query: Search = "",
        limit: Limit = 100,
        cursor: Cursor = None,
        order: Literal["newest", "oldest"] = "newest",
    ) -> LogPage:
        return await logs.search(scope, query, limit=limit, cursor=cursor, oldest_first=order == "oldest")

    @router.get("/logs/histogram")
    async def log_histogram(scope: Annotated[Scope, scopes.asked], query: Search = "") -> Histogram:
        return await logs.histogram(scope, query)

    @router.get("/logs/facets")
    async def log_facets(scope: Annotated[Scope, scopes.asked], query: Search = "", fields: FieldNames = "") -> Facets:
        return await logs.facets(scope, query, names_of(fields))

    @router.get("/logs/tail", response_class=StreamingResponse)
    async def tail_logs(
        env: Env = None,
        query: Search = "",
        project: Project = 1,
        last_event_id: LastEventId = None,
        after: After = None,
    ) -> StreamingResponse:
        scope = scopes.of(None, None, env, project)
        had = await tail.begin(scope, query, last_event_id or after)
        events = _events(tail.follow(scope, query, had), scopes.clock)
        return StreamingResponse(events, media_type="text/event-stream", headers={"cache-control": "no-cache"})

    @router.get("/logs/export", response_class=StreamingResponse)
    async def export_logs(
        scope: Annotated[Scope, scopes.asked],
        query: Search = "",
        format: Literal["ndjson", "csv"] = "ndjson",
    ) -> StreamingResponse:
        blocks = logs.export(scope, query)
        first: list[LogRow] = await anext(blocks, [])
        encode = _csv if format == "csv" else _ndjson
        kind = "text/csv" if format == "csv" else "application/x-ndjson"
        headers = {"content-disposition": f'attachment; filename="logs.{format}"'}
        return StreamingResponse(encode(first, blocks), media_type=kind, headers=headers)

    @router.get("/logs/{line_id}")
    async def log_record(line_id: Annotated[str, Path(max_length=100)], project: Project = 1) -> LogRow:
        return await logs.one(line_id, project)

    @router.get("/logs/{line_id}/context")
    async def log_context(
        line_id: Annotated[str, Path(max_length=100)],
        before: Annotated[int, Query(ge=0, le=200)] = 20,
        after: Annotated[int, Query(ge=0, le=200)] = 20,
        same: Literal["service", "all"] = "service",
        project: Project = 1,
    ) -> LogContext:
        same_service = same == "service"
        return await logs.context(line_id, before=before, after=after, same_service=same_service, project=project)

    return router


def traces_routes(traces: TraceQueries, guard: Guard, scopes: Scopes) -> APIRouter:
    router = _router("traces", guard)

    @router.get("/traces")
    async def search_traces(
        scope: Annotated[Scope, scopes.asked],
        query: Search = "",
        limit: Limit = 50,
        cursor: Cursor = None,
        order: Literal["newest", "slowest"] = "newest",
        min_duration_ms: Milliseconds = None,
        max_duration_ms: Milliseconds = None,
    ) -> TracePage:
        slowest = order == "slowest"
        whole = (min_duration_ms, max_duration_ms)
        return await traces.search(scope, query, limit=limit, cursor=cursor, slowest=slowest, duration_ms=whole)

    @router.get("/traces/histogram")
    async def span_histogram(scope: Annotated[Scope, scopes.asked], query: Search = "") -> Histogram:
        return await traces.histogram(scope, query)

    @router.get("/traces/facets")
    async def span_facets(scope: Annotated[Scope, scopes.asked], query: Search = "", fields: FieldNames = "") -> Facets:
        return await traces.facets(scope, query, names_of(fields))

    @router.get("/traces/{trace_id}")
    async def trace(trace_id: TraceId, project: Project = 1) -> TraceDetail:
        return await traces.by_id(trace_id.lower(), project)

    @router.get("/traces/{trace_id}/spans/{span_id}")
    async def span(trace_id: TraceId, span_id: SpanId, project: Project = 1) -> SpanDetail:
        return await traces.span(trace_id.lower(), span_id.lower(), project)

    return router


def services_routes(services: ServiceQueries, fields: FieldQueries, guard: Guard, scopes: Scopes) -> APIRouter:
    router = _router("services", guard)

    @router.get("/services")
    async def list_services(scope: Annotated[Scope, scopes.asked]) -> ServiceList:
        return await services.all(scope)

    @router.get("/services/{name:path}")
    async def service(
        name: Annotated[str, Path(max_length=1024)], scope: Annotated[Scope, scopes.asked]
    ) -> ServiceDetail:
        return await services.detail(name, scope)

    @router.get("/service-map")
    async def service_map(scope: Annotated[Scope, scopes.asked]) -> ServiceMap:
        return await services.map(scope)

    @router.get("/environments")
    async def environments(project: Project = 1) -> EnvironmentList:
        seen = await services.environments(project)
        return EnvironmentList(environments=scopes.environments.shown(seen.environments))

    @router.get("/fields")
    async def list_fields(signal: Literal["logs", "spans"] = "logs", project: Project = 1) -> FieldList:
        return await fields.all(signal, project)

    return router


def sql_routes(sql: SqlQueries, guard: Guard, scopes: Scopes) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["sql"], responses=PROBLEM_RESPONSES)

    @router.post("/sql", dependencies=[Depends(guard.requires(Role.ENGINEER))])
    async def run_sql(body: SqlRequest) -> SqlResult:
        scope = scopes.of(body.start, body.end, body.env, project=1)
        span = scope.span if body.start or body.end else None
        return await sql.run(body.query, body.limit, span, scope.environments)

    return router


def _router(tag: str, guard: Guard) -> APIRouter:
    viewer = Depends(guard.requires(Role.VIEWER))
    return APIRouter(prefix="/api/v1", tags=[tag], responses=PROBLEM_RESPONSES, dependencies=[viewer])


async def _events(followed: AsyncIterator[Event], clock: Clock) -> AsyncIterator[bytes]:
    """Server-sent events: `row` for a line, `dropped` for how many were left out.

    The first is `connected`, and keep-alives have an id: a reader that is cut off before a line came loses none either.
    """
    silent_since, silence = -math.inf, "event: connected\ndata: {}"
    with contextlib.suppress(StoreError):  # the reader connects again, and goes on where it was
        async for had, event in followed:
            if event is None:
                if clock.monotonic() - silent_since < KEEP_ALIVE_SECONDS:
                    continue
                text, silence = silence, ": keep-alive"
            elif isinstance(event, int):
                text = f'event: dropped\ndata: {{"count": {event}}}'
            else:
                text = f"event: row\ndata: {event.model_dump_json()}"
            yield f"id: {had}\n{text}\n\n".encode()
            silent_since = clock.monotonic()


async def _ndjson(first: list[LogRow], blocks: AsyncIterator[list[LogRow]]) -> AsyncIterator[bytes]:
    async for block in _chained(first, blocks):
        yield b"".join(line.model_dump_json().encode() + b"\n" for line in block)


async def _csv(first: list[LogRow], blocks: AsyncIterator[list[LogRow]]) -> AsyncIterator[bytes]:
    yield (",".join(_CSV_COLUMNS) + "\r\n").encode()
    async for block in _chained(first, blocks):
        text = io.StringIO()
        writer = csv.writer(text)
        for line in block:
            cells = [getattr(line, name) for name in _CSV_COLUMNS[:-1]]
            writer.writerow([*map(_harmless, cells), orjson.dumps(line.attributes).decode()])
        yield text.getvalue().encode()


def _harmless(cell: str) -> str:
    """Spreadsheets run cells that begin like formulas."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


async def _chained(first: list[LogRow], blocks: AsyncIterator[list[LogRow]]) -> AsyncIterator[list[LogRow]]:
    yield first
    async for block in blocks:
        yield block
