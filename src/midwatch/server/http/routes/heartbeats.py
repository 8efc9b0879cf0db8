"""`/api/v1/heartbeats`: who is to give signs of life, and how they are."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.errors import NotFound
from midwatch.server.model.timerange import format_time
from midwatch.server.monitors.heartbeats.desk import HeartbeatDesk
from midwatch.server.monitors.heartbeats.life import Life
from midwatch.server.monitors.heartbeats.schedule import Expectation, next_after
from midwatch.server.monitors.heartbeats.written import Known, known_of, life_of
from midwatch.server.schemas.heartbeats import (
    HeartbeatAnswer,
    HeartbeatChange,
    HeartbeatCreate,
    HeartbeatEdit,
    HeartbeatList,
    HeartbeatRun,
    HeartbeatSchedule,
    HeartbeatSign,
    HeartbeatSummary,
)
from midwatch.server.workspace.heartbeats import Identity
from midwatch.server.workspace.models import HeartbeatRow

UPCOMING = 5
_ORDER = {"missed": 0, "failed": 0, "overtime": 0, "unknown": 1, "late": 2, "new": 3}
Id = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]


def heartbeats_routes(desk: HeartbeatDesk, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["uptime"], responses=PROBLEM_RESPONSES)
    Viewer = Annotated[Actor, Depends(guard.requires(Role.VIEWER))]
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))]

    @router.get("/heartbeats")
    async def heartbeats(actor: Viewer) -> HeartbeatList:
        rows = sorted(await desk.ledger.all(), key=lambda row: (row.healthy, _ORDER.get(row.condition, 4), row.name))
        return HeartbeatList(heartbeats=[_summary(row, actor) for row in rows])

    @router.post("/heartbeats", status_code=201)
    async def add_heartbeat(body: HeartbeatCreate, actor: Editor) -> HeartbeatSummary:
        known = Known(_expectation(body.schedule), body.description)
        row = await desk.add(actor, Identity(1, body.name, body.environment), known)
        return _summary(row, actor)

    @router.get("/heartbeats/{heartbeat_id}")
    async def heartbeat(heartbeat_id: Id, actor: Viewer) -> HeartbeatAnswer:
        row = await desk.ledger.get(heartbeat_id)
        if row is None:
            raise NotFound(f"cannot find heartbeat {heartbeat_id}")
        told: Any
        signs = []
        for one in await desk.ledger.signs(heartbeat_id):
            told = {"status": one.status}
            at = format_time(one.at_ms * 10**6)
            signs.append(
                HeartbeatSign(
                    id=one.id, at=at, run=one.run, seconds=one.seconds, door=one.door, detail=one.detail, **told
                )
            )
        changes = []
        for note in await desk.ledger.changes(heartbeat_id):
            told = {"condition_from": note.condition_from, "condition_to": note.condition_to}
            at = format_time(note.at_ms * 10**6)
            changes.append(HeartbeatChange(id=note.id, at=at, healthy=note.healthy, reason=note.reason, **told))
        upcoming = _upcoming(known_of(row.config).expectation, life_of(row.life), desk.now_ns())
        return HeartbeatAnswer(summary=_summary(row, actor), signs=signs, changes=changes, upcoming=upcoming)

    @router.put("/heartbeats/{heartbeat_id}")
    async def change_heartbeat(heartbeat_id: Id, body: HeartbeatEdit, actor: Editor) -> HeartbeatSummary:
        known = Known(_expectation(body.schedule), body.description)
        return _summary(await desk.edit(actor, heartbeat_id, known), actor)

    @router.delete("/heartbeats/{heartbeat_id}", status_code=204, response_class=Response)
    async def remove_heartbeat(heartbeat_id: Id, actor: Editor) -> None:
        await desk.remove(actor, heartbeat_id)

    return router


def _expectation(one: HeartbeatSchedule) -> Expectation:
    return Expectation(
        one.every_seconds,
        one.cron,
        one.time_zone,
        one.grace_seconds,
        one.max_runtime_seconds,
        one.failures,
        one.recoveries,
    )


def _summary(row: HeartbeatRow, actor: Actor) -> HeartbeatSummary:
    known, life = known_of(row.config), life_of(row.life)
    one: Any = known.expectation
    told: Any = {"source": row.source, "condition": row.condition}
    schedule = HeartbeatSchedule.model_construct(
        cron=one.cron,
        every_seconds=one.every_seconds,
        time_zone=one.time_zone,
        grace_seconds=one.grace_seconds,
        max_runtime_seconds=one.max_runtime_seconds,
        failures=one.failures,
        recoveries=one.recoveries,
    )
    return HeartbeatSummary(
        id=row.id,
        name=row.name,
        environment=row.environment,
        project=row.project,
        description=known.description,
        labels=known.labels,
        schedule=schedule,
        healthy=row.healthy,
        since=_time(life.since_ns),
        reason=life.reason,
        last=_time(life.last_ns),
        expected=_time(life.expected_ns or 0),
        last_seconds=life.last_seconds,
        failures=life.failures,
        runs=[HeartbeatRun(run=run, started=format_time(start)) for run, start in life.runs],
        overlapping=life.overlapping,
        ping_path=f"/ping/{row.id}" if actor.role >= Role.EDITOR else None,
        **told,
    )


def _upcoming(expectation: Expectation, life: Life, now_ns: int) -> list[str]:
    found: list[str] = []
    moment = life.expected_ns
    if moment is None:
        moment = next_after(expectation, now_ns) if expectation.cron else None
    while moment is not None and len(found) < UPCOMING:
        found.append(format_time(moment))
        moment = next_after(expectation, moment)
    return found


def _time(ns: int) -> str | None:
    return format_time(ns) if ns else None
