"""`/api/v1/on-call`: who is on duty, shifts, overrides, calendars."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Response

from midwatch.server.alerting.oncall.desk import OnCallDesk, OnDuty, Row
from midwatch.server.alerting.oncall.schedule import Shift
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.clock import Clock
from midwatch.server.model.timerange import format_time, parse_time
from midwatch.server.schemas.on_call import (
    OnCallAnswer,
    OnCallEscalation,
    OnCallOverride,
    OnCallPerson,
    OnCallSchedule,
    OnCallShift,
    OnCallShifts,
    OnCallStep,
    OverrideRequest,
)
from midwatch.server.workspace.on_call import NewOverride

Name = Annotated[str, Path(min_length=1, max_length=200)]
_CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/calendar": {"schema": {"type": "string"}}}, "description": "iCalendar"}
}
_MS_NS = 1_000_000


def on_call_routes(desk: OnCallDesk, guard: Guard, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["alerts"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))]

    @router.get("/on-call", dependencies=[viewer])
    async def on_call() -> OnCallAnswer:
        plan = desk.plan
        return OnCallAnswer(
            people=[
                OnCallPerson(id=id_, name=one.name or id_, receiver=one.receiver) for id_, one in plan.people.items()
            ],
            schedules=[_schedule(one) for one in desk.now()],
            escalations=[
                OnCallEscalation(
                    name=name,
                    description=one.description,
                    repeat=one.repeat,
                    pause_seconds=one.pause,
                    steps=[
                        OnCallStep(
                            after_seconds=step.after,
                            schedules=list(step.schedules),
                            people=list(step.people),
                            receivers=list(step.receivers),
                        )
                        for step in one.steps
                    ],
                )
                for name, one in plan.escalations.items()
            ],
            overrides=[_override(row) for row in desk.rows if row.end_ms * _MS_NS > clock.now_ns()],
        )

    @router.get("/on-call/{schedule}/shifts", dependencies=[viewer])
    async def on_call_shifts(schedule: Name, start: str = "now-7d", end: str | None = None) -> OnCallShifts:
        """Without an end four weeks from the start."""
        now_ns = clock.now_ns()
        begin = parse_time(start, now_ns=now_ns, name="start") / 1e9
        until = begin + 28 * 86400 if end is None else parse_time(end, now_ns=now_ns, name="end") / 1e9
        found = desk.shifts(schedule, begin, until)
        zone = desk.plan.schedules[schedule].zone
        return OnCallShifts(schedule=schedule, zone=zone, shifts=[_shift(one) for one in found])

    @router.get("/on-call/{schedule}/calendar.ics", dependencies=[viewer], response_class=Response, responses=_CALENDAR)
    async def on_call_calendar(schedule: Name) -> Response:
        """For calendars that subscribe; an API token is taken as the password of Basic."""
        return Response(desk.calendar(schedule), media_type="text/calendar")

    @router.post("/on-call/{schedule}/overrides", status_code=201)
    async def add_override(schedule: Name, body: OverrideRequest, actor: Editor) -> OnCallOverride:
        now_ns = clock.now_ns()
        start_ms, end_ms = (
            parse_time(text, now_ns=now_ns, name=name) // _MS_NS
            for name, text in (("start", body.start), ("end", body.end))
        )
        return _override(await desk.override(actor, NewOverride(schedule, body.person, start_ms, end_ms, body.reason)))

    @router.delete("/on-call-overrides/{override_id}", status_code=204, response_class=Response)
    async def remove_override(override_id: Annotated[str, Path(max_length=36)], actor: Editor) -> None:
        await desk.remove(actor, override_id)

    return router


def _schedule(one: OnDuty) -> OnCallSchedule:
    people = dict.fromkeys(person for layer in one.schedule.layers for person in layer.people)
    return OnCallSchedule(
        name=one.name,
        description=one.schedule.description,
        zone=one.schedule.zone,
        on_duty=one.person,
        until=None if one.until is None else _time(one.until),
        people=list(people),
    )


def _shift(one: Shift) -> OnCallShift:
    by = "" if one.layer is None else "override" if one.layer < 0 else f"layer {one.layer + 1}"
    return OnCallShift(start=_time(one.start), end=_time(one.end), person=one.person, by=by)


def _override(row: Row) -> OnCallOverride:
    return OnCallOverride(
        id=row.id,
        schedule=row.schedule,
        person=row.person,
        start=_time(row.start_ms / 1000),
        end=_time(row.end_ms / 1000),
        created_by=row.created_by,
        reason=row.reason,
    )


def _time(seconds: float) -> str:
    return format_time(int(seconds * 1e9))
