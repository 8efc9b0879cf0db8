"""Jaeger's API v3 under `/jaeger/api/v3`, as Grafana asks it with `jaegerEnableGrpcEndpoint`: traces come as OTLP."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import error_responses
from midwatch.server.http.routes.jaeger import LIMIT_MAX, LOOK_BACK_NS, Text, TraceId
from midwatch.server.http.scope_params import Project
from midwatch.server.model.actor import Role
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.model.timerange import TimeRange, parse_time
from midwatch.server.protocols.jaeger.otlp import resource_spans
from midwatch.server.protocols.jaeger.questions import search_of
from midwatch.server.query.recent_names import RecentNames
from midwatch.server.query.source import Scope, Source
from midwatch.server.query.traces import TraceQueries
from midwatch.server.query.whole_traces import WholeTraces
from midwatch.server.schemas.base import JaegerProblem

TEXT_MAX = 2000
LIMIT = 100
"""Jaeger's own."""
_SEARCH = (
    "serviceName",
    "operationName",
    "attributes",
    "startTimeMin",
    "startTimeMax",
    "durationMin",
    "durationMax",
    "searchDepth",
)
_DESCRIBED = {
    "parameters": [{"name": f"query.{name}", "in": "query", "schema": {"type": "string"}} for name in _SEARCH]
}
_CAPITAL = re.compile(r"[A-Z]")


def jaeger_v3_routes(traces: TraceQueries, source: Source, guard: Guard, clock: Clock) -> APIRouter:
    whole, names = WholeTraces(source), RecentNames(source)
    viewer = Depends(guard.requires(Role.VIEWER))
    responses = error_responses(JaegerProblem)
    router = APIRouter(prefix="/jaeger/api/v3", tags=["jaeger"], responses=responses, dependencies=[viewer])

    @router.get("/services")
    async def services(project: Project = 1) -> dict[str, list[str]]:
        return {"services": await names.services(project)}

    @router.get("/operations")
    async def operations(
        service: Text = "",
        kind: Annotated[Text, Query(alias="spanKind")] = "",
        older_kind: Annotated[Text, Query(alias="span_kind")] = "",
        project: Project = 1,
    ) -> dict[str, list[dict[str, str]]]:
        wanted = kind or older_kind
        found = await names.operations(service, project)
        return {"operations": [{"name": name, "spanKind": of} for name, of in found if wanted in ("", of)]}

    @router.get("/traces", openapi_extra=_DESCRIBED)
    async def search(request: Request, project: Project = 1) -> dict[str, Any]:
        given = _given(request)
        query = search_of(
            given("serviceName"),
            given("operationName"),
            given("attributes"),
            (),
            given("durationMin"),
            given("durationMax"),
            names=("query.attributes", "query.durationMin", "query.durationMax"),
        )
        scope = Scope(_span(given("startTimeMin"), given("startTimeMax"), clock.now_ns()), project=project)
        limit = _limit(given("searchDepth") or given("numTraces"))
        page = await traces.search(scope, query, limit=limit, cursor=None, slowest=False)
        return await result([summary.trace_id for summary in page.traces], project)

    @router.get("/traces/{trace_id}")
    async def by_id(trace_id: Annotated[TraceId, Path()], project: Project = 1) -> dict[str, Any]:
        return await result([trace_id], project)

    async def result(trace_ids: list[str], project: int) -> dict[str, Any]:
        found = await whole.read([one.lower().rjust(32, "0") for one in trace_ids], project)
        if not found:
            raise NotFound("No traces found")
        spans = [one for trace in found for one in resource_spans(trace.trace_id, trace.spans, trace.warning)]
        return {"result": {"resourceSpans": spans}}

    return router


def _given(request: Request) -> Callable[[str], str]:
    """A parameter by its name, or by the older one with underscores. Raises BadRequest: one that is too long."""

    def text(name: str) -> str:
        older = _CAPITAL.sub(lambda found: f"_{found[0].lower()}", name)
        params = request.query_params
        value = params.get(f"query.{name}") or params.get(f"query.{older}") or ""
        if len(value) > TEXT_MAX:
            raise BadRequest(f"query.{name}: expected at most {TEXT_MAX:,} characters")
        return value

    return text


def _span(start: str, end: str, now_ns: int) -> TimeRange:
    """Grafana does not escape the + of a zone, which then reads as a space."""
    end_ns = parse_time(end.replace(" ", "+"), now_ns=now_ns, name="query.startTimeMax") if end else now_ns
    if not start:
        return TimeRange(end_ns - LOOK_BACK_NS, end_ns)
    start_ns = parse_time(start.replace(" ", "+"), now_ns=now_ns, name="query.startTimeMin")
    if end_ns <= start_ns:
        raise BadRequest("query.startTimeMax: expected a time after query.startTimeMin")
    return TimeRange(start_ns, end_ns)


def _limit(text: str) -> int:
    if not text:
        return LIMIT
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= LIMIT_MAX:
        raise BadRequest(f"query.searchDepth={text[:20]!r}: expected 1 to {LIMIT_MAX:,}")
    return int(text)
