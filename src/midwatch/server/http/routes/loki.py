"""Loki's query API under `/loki`, as Grafana, logcli and scripts ask it. Refusals are plain text, as Loki's are."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import PlainTextResponse, Response

from midwatch._version import __version__
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PLAIN_RESPONSES
from midwatch.server.http.form import FormRoute
from midwatch.server.http.loki_params import LINES_MAX, SINCE_SECONDS, forward, grid_of, span_of, time_of
from midwatch.server.model.actor import Role
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest
from midwatch.server.model.timerange import TimeRange
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.wire import encoded
from midwatch.server.protocols.loki.answers import CATEGORIZE, stats, streams, success
from midwatch.server.query.logql import lines
from midwatch.server.query.logql.detected import Detection
from midwatch.server.query.logql.metrics import MetricQueries
from midwatch.server.query.logql.streams import StreamQueries
from midwatch.server.query.logql.syntax import parse, parse_selector
from midwatch.server.query.logql.syntax.ast import LogQuery, MetricQuery
from midwatch.server.query.logql.volume import volume
from midwatch.server.query.source import Scope, Source

Text = Annotated[str, Query(max_length=20_000, description="LogQL")]
Time = Annotated[str, Query(max_length=64, description="nanoseconds, seconds or RFC 3339")]
Duration = Annotated[str, Query(max_length=64, description="30s, or seconds")]
Limit = Annotated[int, Query(ge=1, description=f"lines; at most {LINES_MAX}")]
Direction = Annotated[str, Query(max_length=20, description="backward: newest first; or forward")]
Selectors = Annotated[list[str] | None, Query(max_length=50)]
DETECTED_MAX = 1_000
"""Loki's own defaults: of the lines that are looked into, and of the fields or values that are told."""
LineLimit = Annotated[int, Query(ge=1, le=LINES_MAX, alias="line_limit", description="lines that are looked into")]
FieldLimit = Annotated[int, Query(ge=1, le=LINES_MAX, description="fields or values")]
LABELS_SECONDS = 6 * 3600.0
_FLAGS = "x-loki-response-encoding-flags"


def loki_routes(source: Source, guard: Guard, clock: Clock) -> list[APIRouter]:
    return [
        _query_routes(source, guard, clock),
        _stream_routes(source, guard, clock),
        _detected_routes(source, guard, clock),
        _status_routes(guard),
    ]


def _router(guard: Guard) -> APIRouter:
    viewer = Depends(guard.requires(Role.VIEWER))
    return APIRouter(
        prefix="/loki/api/v1",
        tags=["loki"],
        responses=PLAIN_RESPONSES,
        dependencies=[viewer],
        route_class=FormRoute,
    )


def _query_routes(source: Source, guard: Guard, clock: Clock) -> APIRouter:
    router, metrics = _router(guard), MetricQueries(source)

    async def numbers(query: MetricQuery, grid: Grid, *, instant: bool) -> Response:
        started = time.perf_counter()
        result = await metrics.evaluate(query, grid, instant=instant)
        body = encoded(result, stats=stats(time.perf_counter() - started))
        return Response(body, media_type="application/json")

    async def found(query: LogQuery, span: TimeRange, limit: int, direction: str, request: Request) -> dict[str, Any]:
        started = time.perf_counter()
        if limit > LINES_MAX:
            raise BadRequest(f"max entries limit per query exceeded, limit > max_entries_limit ({limit} > {LINES_MAX})")
        rows = await lines.find(source, query, Scope(span), limit=limit, forward=forward(direction))
        categorized = CATEGORIZE in request.headers.get(_FLAGS, "")
        shown = streams(rows, categorized=categorized)
        seconds = time.perf_counter() - started
        return success("streams", shown, seconds, lines=len(rows), categorized=categorized)

    @router.get("/query_range", response_model=None)
    @router.post("/query_range", response_model=None)
    async def query_range(
        request: Request,
        query: Text = "",
        start: Time = "",
        end: Time = "",
        since: Duration = "",
        step: Duration = "",
        limit: Limit = 100,
        direction: Direction = "backward",
    ) -> Response | dict[str, Any]:
        asked, span = parse(query), span_of(start, end, since, clock.now_ns())
        if isinstance(asked, LogQuery):
            return await found(asked, span, limit, direction, request)
        return await numbers(asked, grid_of(span, step), instant=False)

    @router.get("/query", response_model=None)
    @router.post("/query", response_model=None)
    async def query(
        request: Request,
        query: Text = "",
        time: Time = "",
        limit: Limit = 100,
        direction: Direction = "backward",
    ) -> Response | dict[str, Any]:
        asked = parse(query)
        at_ns = time_of(time, "time", clock.now_ns()) if time else clock.now_ns()
        if isinstance(asked, LogQuery):
            span = TimeRange(at_ns - int(SINCE_SECONDS * 1e9), at_ns)
            return await found(asked, span, limit, direction, request)
        # Up, so that no line of the last millisecond is left out.
        at_ms = -(-at_ns // 1_000_000)
        return await numbers(asked, Grid(at_ms, at_ms, 1), instant=True)

    return router


def _stream_routes(source: Source, guard: Guard, clock: Clock) -> APIRouter:
    router, of_streams = _router(guard), StreamQueries(source)

    def scope(start: str, end: str, since: str, seconds: float = LABELS_SECONDS) -> Scope:
        return Scope(span_of(start, end, since, clock.now_ns(), seconds=seconds))

    async def names(start: Time = "", end: Time = "", since: Duration = "", query: Text = "") -> dict[str, Any]:
        found = await of_streams.names(scope(start, end, since), _selector(query))
        return {"status": "success", "data": found}

    for path in ("/labels", "/label"):
        router.get(path)(names)
        router.post(path)(names)

    @router.get("/label/{name}/values")
    @router.post("/label/{name}/values")
    async def label_values(
        name: Annotated[str, Path(max_length=1024)],
        start: Time = "",
        end: Time = "",
        since: Duration = "",
        query: Text = "",
    ) -> dict[str, Any]:
        found = await of_streams.values(scope(start, end, since), name, _selector(query))
        return {"status": "success", "data": found}

    @router.get("/series")
    @router.post("/series")
    async def series(
        match: Annotated[Selectors, Query(alias="match[]")] = None,
        start: Time = "",
        end: Time = "",
        since: Duration = "",
    ) -> dict[str, Any]:
        selectors = [parse_selector(one) for one in match or () if one.replace(" ", "") != "{}"]
        return {"status": "success", "data": await of_streams.series(scope(start, end, since), selectors)}

    @router.get("/index/stats")
    @router.post("/index/stats")
    async def index_stats(query: Text = "", start: Time = "", end: Time = "", since: Duration = "") -> dict[str, int]:
        return await of_streams.stats(scope(start, end, since), _selector(query))

    @router.get("/index/volume")
    @router.post("/index/volume")
    async def index_volume(
        query: Text = "",
        start: Time = "",
        end: Time = "",
        since: Duration = "",
        limit: Limit = 100,
        labels: Annotated[str, Query(alias="targetLabels", max_length=2000)] = "",
        by: Annotated[str, Query(alias="aggregateBy", max_length=20)] = "series",
    ) -> dict[str, Any]:
        started = time.perf_counter()
        wanted = tuple(filter(None, (name.strip() for name in labels.split(","))))
        asked = scope(start, end, since)
        found = await volume(source, asked, _selector(query), wanted, limit, by_label=by == "labels")
        at = asked.span.end_ns / 1e9
        result = [{"metric": metric, "value": [at, str(size)]} for metric, size in found]
        return success("vector", result, time.perf_counter() - started)

    return router


def _detected_routes(source: Source, guard: Guard, clock: Clock) -> APIRouter:
    """What Grafana's log views show beside a query; bare objects, as Loki's are."""
    router, detection = _router(guard), Detection(source)

    def scope(start: str, end: str, since: str) -> Scope:
        return Scope(span_of(start, end, since, clock.now_ns()))

    @router.get("/detected_labels")
    @router.post("/detected_labels")
    async def detected_labels(
        query: Text = "", start: Time = "", end: Time = "", since: Duration = ""
    ) -> dict[str, list[dict[str, Any]]]:
        found = await detection.labels(scope(start, end, since), _selector(query))
        return {"detectedLabels": [{"label": name, "cardinality": count} for name, count in found]}

    @router.get("/detected_fields")
    @router.post("/detected_fields")
    async def detected_fields(
        query: Text = "",
        start: Time = "",
        end: Time = "",
        since: Duration = "",
        lines: LineLimit = DETECTED_MAX,
        limit: FieldLimit = DETECTED_MAX,
    ) -> dict[str, Any]:
        found = await detection.fields(scope(start, end, since), _log_query(query), lines=lines, most=limit)
        fields = [
            {
                "label": one.name,
                "type": one.type,
                "cardinality": one.cardinality,
                "parsers": [one.parser] if one.parser else None,
            }
            for one in found
        ]
        return {"fields": fields, "limit": limit}

    @router.get("/detected_field/{name}/values")
    @router.post("/detected_field/{name}/values")
    async def detected_field_values(
        name: Annotated[str, Path(max_length=1024)],
        query: Text = "",
        start: Time = "",
        end: Time = "",
        since: Duration = "",
        lines: LineLimit = DETECTED_MAX,
        limit: FieldLimit = DETECTED_MAX,
    ) -> dict[str, Any]:
        asked = scope(start, end, since)
        found = await detection.values(asked, _log_query(query), name, lines=lines, most=limit)
        return {"values": found, "limit": limit}

    return router


def _status_routes(guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/loki", tags=["loki"], responses=PLAIN_RESPONSES)

    @router.get("/ready", response_class=PlainTextResponse)
    async def ready() -> PlainTextResponse:
        return PlainTextResponse("ready\n")

    @router.get("/api/v1/status/buildinfo", dependencies=[Depends(guard.requires(Role.VIEWER))])
    async def build_info() -> dict[str, str]:
        """Clients choose what they ask by the version: it is that of the Loki whose API this is."""
        unknown = dict.fromkeys(("revision", "branch", "buildUser", "buildDate", "goVersion"), "")
        return {"version": "3.5.0", **unknown, "application": "Midwatch", "applicationVersion": __version__}

    return router


def _selector(query: str) -> tuple[Matcher, ...]:
    return parse_selector(query) if query.strip() else ()


def _log_query(query: str) -> LogQuery:
    asked = parse(query)
    if not isinstance(asked, LogQuery):
        raise BadRequest("query: expected a query of lines, not of numbers")
    return asked
