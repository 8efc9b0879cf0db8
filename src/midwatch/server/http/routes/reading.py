"""`/api/v1/logs…`, `/traces…`, `/services…`, `/service-map`, `/environments`, `/fields`, `/sql`."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.schemas.logs import Facets, FieldList, Histogram, LogContext, LogPage, LogRow
from midwatch.server.http.schemas.services import EnvironmentList, ServiceDetail, ServiceList, ServiceMap
from midwatch.server.http.schemas.sql import SqlRequest, SqlResult
from midwatch.server.http.schemas.traces import SpanDetail, TraceDetail, TracePage
from midwatch.server.http.time_params import Cursor, End, Env, Limit, Names, Search, Start, names_of, scope_of
from midwatch.server.model.actor import Role
from midwatch.server.model.clock import Clock
from midwatch.server.query.fields import FieldQueries
from midwatch.server.query.logs import LogQueries
from midwatch.server.query.services import ServiceQueries
from midwatch.server.query.source import Scope
from midwatch.server.query.sql import SqlQueries
from midwatch.server.query.traces import TraceQueries

_CSV_COLUMNS = ("timestamp", "level", "service", "environment", "body", "trace_id", "span_id", "attributes")
Milliseconds = Annotated[float | None, Query(ge=0, le=1e12, allow_inf_nan=False, description="of the whole trace")]
TraceId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
SpanId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]


def logs_routes(logs: LogQueries, guard: Guard, clock: Clock) -> APIRouter:
    router = _router("logs", guard)

    @router.get("/logs")
    async def search_logs(
        start: Start = None,
        end: End = None,
        env: Env = None,
        query: Search = "",
        limit: Limit = 100,
        cursor: Cursor = None,
        order: Literal["newest", "oldest"] = "newest",
    ) -> LogPage:
        scope = scope_of(clock, start, end, env)
        return await logs.search(scope, query, limit=limit, cursor=cursor, oldest_first=order == "oldest")

    @router.get("/logs/histogram")
    async def log_histogram(start: Start = None, end: End = None, env: Env = None, query: Search = "") -> Histogram:
        return await logs.histogram(scope_of(clock, start, end, env), query)

    @router.get("/logs/facets")
    async def log_facets(
        start: Start = None, end: End = None, env: Env = None, query: Search = "", fields: Names = ""
    ) -> Facets:
        return await logs.facets(scope_of(clock, start, end, env), query, names_of(fields))

    @router.get("/logs/tail", response_class=StreamingResponse)
    async def tail_logs(request: Request, env: Env = None, query: Search = "") -> StreamingResponse:
        scope = scope_of(clock, None, None, env)
        lines = logs.tail(scope, query)
        await logs.facets(Scope(scope.span), query, ("level",))  # a wrong search is a 400 and not a broken stream
        return StreamingResponse(
            _events(lines, request), media_type="text/event-stream", headers={"cache-control": "no-cache"}
        )

    @router.get("/logs/export", response_class=StreamingResponse)
    async def export_logs(
        start: Start = None,
        end: End = None,
        env: Env = None,
        query: Search = "",
        format: Literal["ndjson", "csv"] = "ndjson",
    ) -> StreamingResponse:
        blocks = logs.export(scope_of(clock, start, end, env), query)
        first: list[LogRow] = await anext(blocks, [])
        encode = _csv if format == "csv" else _ndjson
        kind = "text/csv" if format == "csv" else "application/x-ndjson"
        headers = {"content-disposition": f'attachment; filename="logs.{format}"'}
        return StreamingResponse(encode(first, blocks), media_type=kind, headers=headers)

    @router.get("/logs/{line_id}")
    async def log_record(line_id: Annotated[str, Path(max_length=100)]) -> LogRow:
        return await logs.one(line_id)

    @router.get("/logs/{line_id}/context")
    async def log_context(
        line_id: Annotated[str, Path(max_length=100)],
        before: Annotated[int, Query(ge=0, le=200)] = 20,
        after: Annotated[int, Query(ge=0, le=200)] = 20,
        same: Literal["service", "all"] = "service",
    ) -> LogContext:
        return await logs.context(line_id, before=before, after=after, same_service=same == "service")

    return router


def traces_routes(traces: TraceQueries, guard: Guard, clock: Clock) -> APIRouter:
    router = _router("traces", guard)

    @router.get("/traces")
    async def search_traces(
        start: Start = None,
        end: End = None,
        env: Env = None,
        query: Search = "",
        limit: Limit = 50,
        cursor: Cursor = None,
        order: Literal["newest", "slowest"] = "newest",
        min_duration_ms: Milliseconds = None,
        max_duration_ms: Milliseconds = None,
    ) -> TracePage:
        scope, slowest = scope_of(clock, start, end, env), order == "slowest"
        whole = (min_duration_ms, max_duration_ms)
        return await traces.search(scope, query, limit=limit, cursor=cursor, slowest=slowest, duration_ms=whole)

    @router.get("/traces/histogram")
    async def span_histogram(start: Start = None, end: End = None, env: Env = None, query: Search = "") -> Histogram:
        return await traces.histogram(scope_of(clock, start, end, env), query)

    @router.get("/traces/facets")
    async def span_facets(
        start: Start = None, end: End = None, env: Env = None, query: Search = "", fields: Names = ""
    ) -> Facets:
        return await traces.facets(scope_of(clock, start, end, env), query, names_of(fields))

    @router.get("/traces/{trace_id}")
    async def trace(trace_id: TraceId) -> TraceDetail:
        return await traces.by_id(trace_id)

    @router.get("/traces/{trace_id}/spans/{span_id}")
    async def span(trace_id: TraceId, span_id: SpanId) -> SpanDetail:
        return await traces.span(trace_id, span_id)

    return router


def services_routes(services: ServiceQueries, fields: FieldQueries, guard: Guard, clock: Clock) -> APIRouter:
    router = _router("services", guard)

    @router.get("/services")
    async def list_services(start: Start = None, end: End = None, env: Env = None) -> ServiceList:
        return await services.all(scope_of(clock, start, end, env))

    @router.get("/services/{name:path}")
    async def service(
        name: Annotated[str, Path(max_length=1024)], start: Start = None, end: End = None, env: Env = None
    ) -> ServiceDetail:
        return await services.detail(name, scope_of(clock, start, end, env))

    @router.get("/service-map")
    async def service_map(start: Start = None, end: End = None, env: Env = None) -> ServiceMap:
        return await services.map(scope_of(clock, start, end, env))

    @router.get("/environments")
    async def environments() -> EnvironmentList:
        return await services.environments()

    @router.get("/fields")
    async def list_fields(signal: Literal["logs", "spans"] = "logs") -> FieldList:
        return await fields.all(signal)

    return router


def sql_routes(sql: SqlQueries, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["sql"], responses=PROBLEM_RESPONSES)

    @router.post("/sql", dependencies=[Depends(guard.requires(Role.ENGINEER))])
    async def run_sql(body: SqlRequest) -> SqlResult:
        return await sql.run(body.query, body.limit)

    return router


def _router(tag: str, guard: Guard) -> APIRouter:
    viewer = Depends(guard.requires(Role.VIEWER))
    return APIRouter(prefix="/api/v1", tags=[tag], responses=PROBLEM_RESPONSES, dependencies=[viewer])


async def _events(lines: AsyncIterator[LogRow | int], request: Request) -> AsyncIterator[bytes]:
    """Server-sent events: `row` for a line, `dropped` for how many were left out."""
    yield b": connected\n\n"
    async for line in lines:
        if await request.is_disconnected():
            return
        if isinstance(line, int):
            yield b'event: dropped\ndata: {"count": %d}\n\n' % line
        else:
            yield b"event: row\ndata: " + line.model_dump_json().encode() + b"\n\n"


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
