"""`/api/v1/runbooks`: filled in by the alert that one came from. Ticks are not below it, since names have slashes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.alert import Alert
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest
from midwatch.server.model.timerange import format_time
from midwatch.server.runbooks.desk import Opened, RunbookDesk
from midwatch.server.runbooks.document import Live, Prose, Runbook
from midwatch.server.runbooks.filled import FilledLive
from midwatch.server.schemas.runbooks import (
    RunbookAlert,
    RunbookAnswer,
    RunbookBlock,
    RunbookList,
    RunbookStep,
    RunbookSummary,
    RunbookTick,
)

LABELS_MAX = 64
Name = Annotated[str, Path(min_length=1, max_length=300)]
Fingerprint = Annotated[str | None, Query(pattern=r"^[0-9a-f]{16}$", description="The alert that one came from.")]
Label = Annotated[
    list[str] | None, Query(max_length=LABELS_MAX, description="`name=value`: fills in what no alert says.")
]


def runbooks_routes(desk: RunbookDesk, guard: Guard, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["alerts"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))]

    @router.get("/runbooks", dependencies=[viewer])
    async def runbooks() -> RunbookList:
        return RunbookList(runbooks=[_summary(one) for one in desk.all()])

    @router.get("/runbooks/{name:path}", dependencies=[viewer])
    async def runbook(name: Name, fingerprint: Fingerprint = None, label: Label = None) -> RunbookAnswer:
        return _answer(await desk.open(name, fingerprint, _labels(label or [])), clock.now_ns())

    @router.post("/runbook-ticks", status_code=204, response_class=Response)
    async def tick(body: RunbookTick, actor: Editor) -> None:
        await desk.tick(actor, body.runbook, body.fingerprint, body.step, done=body.done)

    return router


def _labels(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadRequest(f"label={pair[:100]}: expected name=value")
        found[name] = value
    return found


def _summary(one: Runbook) -> RunbookSummary:
    live = sum(isinstance(block, Live) for block in one.blocks)
    return RunbookSummary(name=one.name, title=one.title, file=one.file, steps=len(one.steps), live_blocks=live)


def _answer(opened: Opened, now_ns: int) -> RunbookAnswer:
    runbook = opened.filled.runbook
    return RunbookAnswer(
        name=runbook.name,
        title=runbook.title,
        file=runbook.file,
        alert=_alert(opened.alert, now_ns) if opened.alert else None,
        blocks=[_prose(block, opened) if isinstance(block, Prose) else _live(block) for block in opened.filled.blocks],
    )


def _alert(alert: Alert, now_ns: int) -> RunbookAlert:
    return RunbookAlert(
        fingerprint=alert.fingerprint,
        name=alert.name,
        status=alert.status(now_ns),
        labels=dict(alert.labels),
        starts_at=format_time(alert.starts_at_ns),
    )


def _prose(block: Prose, opened: Opened) -> RunbookBlock:
    steps = []
    for one in block.steps:
        tick = opened.ticks.get(one.id)
        steps.append(
            RunbookStep(
                id=one.id,
                text=one.text,
                line=one.line,
                done_by=tick.done_by if tick else None,
                done_at=format_time(tick.done_ms * 10**6) if tick else None,
            )
        )
    return RunbookBlock(
        kind="markdown",
        markdown=block.markdown,
        steps=steps,
        title="",
        query="",
        start=None,
        end=None,
        missing=[],
        problem="",
    )


def _live(block: FilledLive) -> RunbookBlock:
    return RunbookBlock(
        kind=block.live.language,
        markdown="",
        steps=[],
        title=block.live.title,
        query=block.query,
        start=format_time(block.start_ns),
        end=format_time(block.end_ns),
        missing=list(block.missing),
        problem=block.problem,
    )
