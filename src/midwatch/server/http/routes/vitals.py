"""`/api/v1/vitals…`: what browsers measured."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.scope_params import Cursor, Limit, Scopes
from midwatch.server.model.actor import Role
from midwatch.server.query.source import Scope
from midwatch.server.query.vitals.records import Filters
from midwatch.server.query.vitals.report import VitalQueries
from midwatch.server.query.vitals.samples import SampleQueries
from midwatch.server.schemas.vitals import PageLoadList, VitalName, VitalSamples, VitalsReport

Value = Annotated[str | None, Query(max_length=1024, description="as `choices` has them; not given: all")]


async def _filters(
    service: Value = None, route: Value = None, device: Value = None, browser: Value = None, release: Value = None
) -> Filters:
    given = {"service": service, "route": route, "device": device, "browser": browser, "release": release}
    return {name: value for name, value in given.items() if value is not None}


Asked = Annotated[Filters, Depends(_filters)]


def vitals_routes(vitals: VitalQueries, samples: SampleQueries, guard: Guard, scopes: Scopes) -> APIRouter:
    viewer = Depends(guard.requires(Role.VIEWER))
    router = APIRouter(prefix="/api/v1", tags=["vitals"], responses=PROBLEM_RESPONSES, dependencies=[viewer])

    @router.get("/vitals")
    async def web_vitals(scope: Annotated[Scope, scopes.asked], filters: Asked) -> VitalsReport:
        return await vitals.report(scope, filters)

    @router.get("/vitals/samples")
    async def vital_samples(
        scope: Annotated[Scope, scopes.asked],
        filters: Asked,
        vital: VitalName,
        order: Literal["newest", "worst"] = "newest",
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> VitalSamples:
        return await samples.samples(scope, filters, vital, worst=order == "worst", limit=limit, cursor=cursor)

    @router.get("/vitals/page-loads")
    async def page_loads(
        scope: Annotated[Scope, scopes.asked], filters: Asked, limit: Limit = 50, cursor: Cursor = None
    ) -> PageLoadList:
        return await samples.loads(scope, filters, limit=limit, cursor=cursor)

    return router
