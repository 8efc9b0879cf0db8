"""`/api/v1/slos`: objectives, budgets and how fast they go."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Role
from midwatch.server.model.timerange import format_time
from midwatch.server.objective_rules import rules_text
from midwatch.server.schemas.slo import SloBurn, SloInterval, SloList, SloPoint, SloReport, SloSummary
from midwatch.server.slo.desk import Burning, SloDesk, Standing


def slo_routes(desk: SloDesk, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["alerts"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))

    @router.get("/slos", dependencies=[viewer])
    async def slos() -> SloList:
        return SloList(objectives=[_summary(one) for one in await desk.all()])

    @router.get("/slos/{slo_id}", dependencies=[viewer])
    async def slo(slo_id: Annotated[str, Path(max_length=300)]) -> SloReport:
        found = await desk.report(slo_id)
        return SloReport(
            objective=_summary(found.standing),
            error_ratio=found.budget.ratio,
            budget_left=found.budget.left,
            excluded_seconds=found.budget.excluded_seconds,
            excluded=[SloInterval(start=_time(one.start), end=_time(one.end)) for one in found.excluded],
            burns=[_burn(one) for one in found.burning],
            history=[SloPoint(at=at_ms / 1000, left=left) for at_ms, left in found.history],
            rules=rules_text([found.standing.objective]),
        )

    return router


def _summary(one: Standing) -> SloSummary:
    objective = one.objective
    return SloSummary(
        id=objective.id,
        service=objective.service,
        name=objective.name,
        description=objective.description,
        target=objective.target,
        window_seconds=objective.window_seconds,
        file=objective.file,
        labels=dict(objective.labels),
        budget_left=one.left,
        burn_rate=one.burn,
        period_burn_rate=one.period_burn,
    )


def _burn(one: Burning) -> SloBurn:
    return SloBurn(
        urgency=one.window.urgency.value,
        long=one.window.long,
        short=one.window.short,
        factor=one.factor,
        long_burn=one.long,
        short_burn=one.short,
        alerts=one.alerts,
    )


def _time(seconds: float) -> str:
    return format_time(int(seconds * 1e9))
