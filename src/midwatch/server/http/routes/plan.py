"""`/api/v1/plan`: the plan in force, and the next one."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi import Path as PathParam

from midwatch.contract.plan import Problem, json_schema
from midwatch.contract.plan.files import FILE_BYTES_MAX, FILES_MAX
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.errors import TooLarge
from midwatch.server.model.timerange import format_time
from midwatch.server.plan.keeper import API, Outcome, PlanKeeper
from midwatch.server.schemas.system import PlanChange, PlanFile, PlanProblem, PlanResult, PlanState, PlanText

FileName = Annotated[str, PathParam(max_length=200, pattern=r"^[a-z][\w-]*/[\w./-]+\.(yml|yaml|json|md)$")]
"""Below a folder of the plan: `midwatch.yml` and its like are changed as a whole."""


def plan_routes(keeper: PlanKeeper, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/v1/plan", tags=["plan"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))
    engineer = Depends(guard.requires(Role.ENGINEER, scope=Scope.WRITE))

    @router.get("", dependencies=[viewer])
    async def plan_in_force() -> PlanState:
        now = keeper.in_force
        return PlanState(
            source=now.source,
            applied_at=_time(now.applied_ms),
            applied_by=now.applied_by,
            plan=now.described(),
            problems=_problems(keeper.refused),
        )

    @router.post("/check", dependencies=[viewer])
    async def check_plan(body: PlanText) -> PlanResult:
        _bounded(body)
        return _result(await keeper.check(body.files))

    @router.post("/apply")
    async def apply_plan(body: PlanText, actor: Annotated[Actor, engineer]) -> PlanResult:
        _bounded(body)
        return _result(await keeper.apply(body.files, actor, source=API))

    @router.put("/files/{name:path}")
    async def add_plan_file(name: FileName, body: PlanFile, actor: Annotated[Actor, engineer]) -> PlanResult:
        """One more file beside those in force; one that is there with another text is left as it is (409)."""
        _bounded(PlanText(files={name: body.text}))
        return _result(await keeper.add_file(name, body.text, actor))

    @router.get("/schema", dependencies=[viewer])
    async def plan_schema() -> dict[str, Any]:
        return json_schema()

    return router


def _bounded(body: PlanText) -> None:
    if len(body.files) > FILES_MAX:
        raise TooLarge(f"files={len(body.files)}: expected at most {FILES_MAX}")
    for name, text in body.files.items():
        if len(text) > FILE_BYTES_MAX:
            raise TooLarge(f"files[{name[:100]}]: expected at most {FILE_BYTES_MAX:,} characters, got {len(text):,}")


def _result(outcome: Outcome) -> PlanResult:
    return PlanResult(
        ok=outcome.ok,
        problems=_problems(outcome.problems),
        changes=[
            PlanChange(path=one.path, kind=one.kind, before=one.before, after=one.after) for one in outcome.changes
        ],
        applied=outcome.applied,
    )


def _problems(problems: tuple[Problem, ...]) -> list[PlanProblem]:
    return [
        PlanProblem(file=one.file, line=one.line, column=one.column, message=one.message, severity=one.severity)
        for one in problems
    ]


def _time(ms: int | None) -> str | None:
    return None if ms is None else format_time(ms * 1_000_000)
