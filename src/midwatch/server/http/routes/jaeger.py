"""Jaeger's query API under `/jaeger/api`, as the Jaeger UI and Grafana ask it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from pydantic import Field

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import error_responses
from midwatch.server.http.scope_params import Project
from midwatch.server.model.actor import Role
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.model.timerange import TimeRange
from midwatch.server.protocols.jaeger.questions import search_of
from midwatch.server.protocols.jaeger.shapes import answer, trace
from midwatch.server.query.recent_names import RecentNames
from midwatch.server.query.services import ServiceQueries
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.traces import TraceQueries
from midwatch.server.query.whole_traces import WholeTraces
from midwatch.server.schemas.base import JaegerProblem

LOOK_BACK_NS = 3600 * 10**9
LIMIT_MAX = 1500
"""The most that the Jaeger UI asks for; how much of each is in the answer has its own bound."""
IDS_MAX = 100
"""What fits into an address."""
PARTIAL = "right but not all: the search needed too much time or memory; narrow the time range"
"""Told beside what was found."""
_RESPONSES = error_responses(JaegerProblem)
Micros = Annotated[int | None, Query(ge=0, le=9_000_000_000_000_000)]
Text = Annotated[str, Query(max_length=2000)]
Texts = Annotated[list[str] | None, Query(max_length=50)]
TraceId = Annotated[str, Field(pattern=r"^[0-9a-fA-F]{1,32}$")]


def jaeger_routes(
    traces: TraceQueries, services: ServiceQueries, source: Source, guard: Guard, clock: Clock
) -> APIRouter:
    whole, names = WholeTraces(source), RecentNames(source)
    viewer = Depends(guard.requires(Role.VIEWER))
    router = APIRouter(prefix="/jaeger/api", tags=["jaeger"], responses=_RESPONSES, dependencies=[viewer])

    @router.get("/services")
    async def service_names(project: Project = 1) -> dict[str, Any]:
        return answer(await names.services(project))

    @router.get("/services/{service:path}/operations")
    async def operation_names(service: Annotated[str, Path(max_length=1024)], project: Project = 1) -> dict[str, Any]:
        return answer(list(dict.fromkeys(name for name, _ in await names.operations(service, project))))

    @router.get("/operations")
    async def operations(
        service: Text = "", kind: Annotated[Text, Query(alias="spanKind")] = "", project: Project = 1
    ) -> dict[str, Any]:
        found = await names.operations(service, project)
        return answer([{"name": name, "spanKind": of} for name, of in found if kind in ("", of)])

    @router.get("/traces")
    async def search(
        service: Text = "",
        operation: Text = "",
        tags: Text = "",
        tag: Texts = None,
        ids: Annotated[list[TraceId] | None, Query(alias="traceID", max_length=IDS_MAX)] = None,
        start: Micros = None,
        end: Micros = None,
        min_duration: Annotated[str, Query(alias="minDuration", max_length=20)] = "",
        max_duration: Annotated[str, Query(alias="maxDuration", max_length=20)] = "",
        limit: Annotated[int, Query(ge=1, le=LIMIT_MAX)] = 20,
        project: Project = 1,
    ) -> dict[str, Any]:
        if ids:
            return answer(await named(ids, project))
        end_ns = end * 1000 if end is not None else clock.now_ns()
        start_ns = start * 1000 if start is not None else end_ns - LOOK_BACK_NS
        if end_ns <= start_ns:
            raise BadRequest("end: expected a time after start")
        query = search_of(service, operation, tags, tag or (), min_duration, max_duration)
        scope = Scope(TimeRange(start_ns, end_ns), project=project)
        page = await traces.search(scope, query, limit=limit, cursor=None, slowest=False)
        found = await named([summary.trace_id for summary in page.traces], project)
        return answer(found, PARTIAL if page.partial else "")

    @router.get("/traces/{trace_id}")
    async def by_id(trace_id: Annotated[TraceId, Path()], project: Project = 1) -> dict[str, Any]:
        found = await named([trace_id], project)
        if not found:
            raise NotFound(f"trace not found: {trace_id}")
        return answer(found)

    async def named(trace_ids: list[str], project: int) -> list[dict[str, Any]]:
        found = await whole.read([one.lower().rjust(32, "0") for one in trace_ids], project)
        return [trace(one.trace_id, one.spans, one.warning) for one in found]

    @router.get("/dependencies")
    async def dependencies(
        end_ms: Annotated[int | None, Query(alias="endTs", ge=0, le=9_000_000_000_000)] = None,
        lookback_ms: Annotated[int, Query(alias="lookback", ge=1, le=90 * 86_400_000)] = 86_400_000,
        project: Project = 1,
    ) -> dict[str, Any]:
        end_ns = end_ms * 1_000_000 if end_ms is not None else clock.now_ns()
        span = TimeRange(end_ns - lookback_ms * 1_000_000, end_ns)
        service_map = await services.map(Scope(span, project=project))
        return answer(
            [
                {"parent": edge.source, "child": edge.target, "callCount": round(edge.requests)}
                for edge in service_map.edges
            ]
        )

    return router
