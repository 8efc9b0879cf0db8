"""`/api/v1/metrics/cardinality`: what makes the most series."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.scope_params import Env, Project, Scopes
from midwatch.server.model.actor import Role
from midwatch.server.query.metrics.cardinality import LISTED_MAX, Cardinality
from midwatch.server.query.metrics.scope import SeriesScope
from midwatch.server.schemas.cardinality import MetricCardinality

Metric = Annotated[str | None, Query(max_length=1024, description="its name as it is stored; none: all metrics")]
End = Annotated[
    str | None, Query(max_length=64, description="a time of the day that is meant (UTC), or just after it; default now")
]


def cardinality_routes(cardinality: Cardinality, guard: Guard, scopes: Scopes) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["metrics"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))

    @router.get("/metrics/cardinality", dependencies=[viewer])
    async def metric_cardinality(
        metric: Metric = None,
        end: End = None,
        env: Env = None,
        project: Project = 1,
        limit: Annotated[int, Query(ge=1, le=LISTED_MAX)] = 100,
    ) -> MetricCardinality:
        scope = scopes.of(None, end, env, project)
        # A range ends before its end: one up to midnight is of the day that ended.
        last_ms = (scope.span.end_ns - 1) // 1_000_000
        return await cardinality.report(SeriesScope(project, scope.environments), metric or None, last_ms, limit)

    return router
