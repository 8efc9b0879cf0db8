"""Jaeger's query API under `/jaeger/api`, as the Jaeger UI and Grafana ask it."""

import json
import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Role
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.model.timerange import TimeRange
from midwatch.server.protocols.jaeger.shapes import answer, trace
from midwatch.server.query.services import ServiceQueries
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.traces import TraceQueries

LOOK_BACK_NS = 3600 * 10**9
NAMES_NS = 2 * 86400 * 10**9
_PERIOD = re.compile(r"(\d+(?:\.\d+)?)(us|µs|ms|s|m|h|d)")
_PERIOD_NS = {"us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 86400e9}
Micros = Annotated[int | None, Query(ge=0, le=9_000_000_000_000_000)]
Text = Annotated[str, Query(max_length=2000)]


def jaeger_routes(
    traces: TraceQueries, services: ServiceQueries, source: Source, guard: Guard, clock: Clock
) -> APIRouter:
    viewer = Depends(guard.requires(Role.VIEWER))
    router = APIRouter(prefix="/jaeger/api", tags=["jaeger"], responses=PROBLEM_RESPONSES, dependencies=[viewer])

    @router.get("/services")
    async def service_names() -> dict[str, Any]:
        rows = await source.rows(
            "SELECT DISTINCT toString(ServiceName) AS name FROM service_red WHERE Project = 1"
            " AND Minute >= now() - INTERVAL 2 DAY ORDER BY name LIMIT 1000"
        )
        return answer([row["name"] for row in rows])

    @router.get("/services/{service}/operations")
    async def operation_names(service: Annotated[str, Path(max_length=1024)]) -> dict[str, Any]:
        return answer([operation["name"] for operation in await _operations(source, service)])

    @router.get("/operations")
    async def operations(service: Text = "") -> dict[str, Any]:
        return answer(await _operations(source, service))

    @router.get("/traces")
    async def search(
        service: Text = "",
        operation: Text = "",
        tags: Text = "",
        start: Micros = None,
        end: Micros = None,
        min_duration: Annotated[str, Query(alias="minDuration", max_length=20)] = "",
        max_duration: Annotated[str, Query(alias="maxDuration", max_length=20)] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 20,
    ) -> dict[str, Any]:
        end_ns = end * 1000 if end is not None else clock.now_ns()
        start_ns = start * 1000 if start is not None else end_ns - LOOK_BACK_NS
        if end_ns <= start_ns:
            raise BadRequest("end: expected a time after start")
        terms = [("service", service), ("name", operation), *_tags(tags).items()]
        parts = [f"{_quoted(name, field=True)}:{_quoted(value)}" for name, value in terms if value != ""]
        parts += [f"duration:>={_period(min_duration)}"] if min_duration else []
        parts += [f"duration:<={_period(max_duration)}"] if max_duration else []
        scope = Scope(TimeRange(start_ns, end_ns))
        page = await traces.search(scope, " ".join(parts), limit=limit, cursor=None, slowest=False)
        found = await traces.whole([summary.trace_id for summary in page.traces])
        return answer([trace(trace_id, spans) for trace_id, spans in found.items()])

    @router.get("/traces/{trace_id}")
    async def by_id(trace_id: Annotated[str, Path(pattern=r"^[0-9a-fA-F]{1,32}$")]) -> dict[str, Any]:
        full = trace_id.lower().rjust(32, "0")
        found = await traces.whole([full])
        if not found:
            raise NotFound(f"trace not found: {trace_id}")
        return answer([trace(full, found[full])])

    @router.get("/dependencies")
    async def dependencies(
        end_ms: Annotated[int | None, Query(alias="endTs", ge=0, le=9_000_000_000_000)] = None,
        lookback_ms: Annotated[int, Query(alias="lookback", ge=1, le=90 * 86_400_000)] = 86_400_000,
    ) -> dict[str, Any]:
        end_ns = end_ms * 1_000_000 if end_ms is not None else clock.now_ns()
        service_map = await services.map(Scope(TimeRange(end_ns - lookback_ms * 1_000_000, end_ns)))
        return answer(
            [
                {"parent": edge.source, "child": edge.target, "callCount": round(edge.requests)}
                for edge in service_map.edges
            ]
        )

    return router


async def _operations(source: Source, service: str) -> list[dict[str, str]]:
    rows = await source.rows(
        "SELECT DISTINCT toString(SpanName) AS name, toString(SpanKind) AS kind FROM service_red WHERE Project = 1"
        " AND ServiceName = {service:String} AND Minute >= now() - INTERVAL 2 DAY ORDER BY name LIMIT 2000",
        {"service": service},
    )
    return [{"name": row["name"], "spanKind": row["kind"]} for row in rows]


def _tags(text: str) -> dict[str, str]:
    """`{"http.status_code":"500"}` as the Jaeger UI sends it."""
    if not text:
        return {}
    try:
        parsed = json.loads(text)
    except ValueError:
        raise BadRequest("tags: expected a JSON object of strings") from None
    if not isinstance(parsed, dict):
        raise BadRequest("tags: expected a JSON object of strings")
    return {str(key): str(value) for key, value in parsed.items()}


def _period(text: str) -> str:
    match = _PERIOD.fullmatch(text)
    if match is None:
        raise BadRequest(f"duration={text[:20]!r}: expected 1.2s, 100ms, 500us …")
    return f"{float(match[1]) * _PERIOD_NS[match[2]]:.0f}ns"


def _quoted(text: str, *, field: bool = False) -> str:
    if field:
        if not re.fullmatch(r"[A-Za-z0-9_.@-]+", text):
            raise BadRequest(f"tags: cannot search for the tag {text[:60]!r}")
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
