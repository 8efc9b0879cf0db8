"""`/api/v1/privacy/…`: what was private in what came, and a person out of everything."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.scope_params import Scopes
from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.actor import Scope as TokenScope
from midwatch.server.model.errors import MidwatchError
from midwatch.server.privacy.erasure.eraser import Eraser, Step
from midwatch.server.query.leaks import LISTED_MAX, Leaks
from midwatch.server.query.source import Scope
from midwatch.server.schemas.privacy import ErasureStep, ErasureWanted, LeakReport

_LINES = "application/x-ndjson"


def privacy_routes(leaks: Leaks, eraser: Eraser, guard: Guard, scopes: Scopes) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["privacy"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))
    Admin = Annotated[Actor, Depends(guard.requires(Role.ADMIN, scope=TokenScope.ADMIN))]

    @router.get("/privacy/leaks", dependencies=[viewer])
    async def leak_report(
        scope: Annotated[Scope, scopes.asked], limit: Annotated[int, Query(ge=1, le=LISTED_MAX)] = 200
    ) -> LeakReport:
        """What it was and where it stood, and never what it said."""
        return await leaks.report(scope, limit=limit)

    @router.post(
        "/privacy/erasures",
        response_class=StreamingResponse,
        responses={200: {"content": {_LINES: {"schema": ErasureStep.model_json_schema()}}}},
    )
    async def erase_person(wanted: ErasureWanted, actor: Admin) -> StreamingResponse:
        """Lines of JSON, as it goes on; the last is `end` with what is left, or `failed`."""
        person = await eraser.person(wanted.user)
        steps = eraser.search(person) if wanted.dry_run else eraser.erase(actor, person, wanted.reason)
        return StreamingResponse(_lines(steps), media_type=_LINES, headers={"cache-control": "no-cache"})

    return router


async def _lines(steps: AsyncIterator[Step]) -> AsyncIterator[str]:
    try:
        async for step in steps:
            yield ErasureStep(step=step.step, place=step.place, found=step.found).model_dump_json() + "\n"
    except MidwatchError as error:
        yield ErasureStep(step="failed", place="", found=0, error=error.message).model_dump_json() + "\n"
