"""`/api/v1/probes`: what is looked at from outside; and where other locations ask what to look at, and tell."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Role, Scope
from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.model.timerange import format_time
from midwatch.server.monitors.probes.assignments import Assignments
from midwatch.server.monitors.probes.desk import ProbeDesk
from midwatch.server.monitors.probes.prober import Asks, Report
from midwatch.server.monitors.probes.views import LocationView, ProbeView, ProbeViews
from midwatch.server.monitors.probes.written import result_json, result_of, standing_of
from midwatch.server.schemas.probes import (
    LocationProbes,
    ProbeAnswer,
    ProbeAsk,
    ProbeAttempt,
    ProbeChange,
    ProbeDay,
    ProbeList,
    ProbeLocation,
    ProbeReport,
    ProbeReports,
    ProbeReportsTaken,
    ProbeSummary,
)
from midwatch.server.workspace.models import ProbeChangeRow
from midwatch.server.workspace.probes import DAY_MS, ProbeLedger

CHANGES_TOLD = 200
Name = Annotated[str, Path(max_length=200)]
Location = Annotated[str, Path(max_length=100, pattern=r"^[\w.-]+$")]


def probes_routes(
    desk: ProbeDesk, views: ProbeViews, ledger: ProbeLedger, assignments: Assignments, asks: Asks, guard: Guard
) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["uptime"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))
    editor = Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))
    engineer = Depends(guard.requires(Role.ENGINEER, scope=Scope.WRITE))

    @router.get("/probes", dependencies=[viewer])
    async def probes() -> ProbeList:
        found = await views.all()
        return ProbeList(probes=[_summary(one, views.today) for one in found], location=desk.probing.location)

    @router.post("/probe-attempts", dependencies=[editor])
    async def ask_now(body: ProbeAsk) -> ProbeAttempt:
        """One attempt from here, now; it changes no state."""
        probe = desk.probes.get(body.probe)
        if probe is None:
            raise _unknown(body.probe)
        return _attempt(result_json(await asks.ask(probe)))

    @router.get("/probe-locations/{location}/probes", dependencies=[engineer])
    async def probes_of_location(location: Location) -> LocationProbes:
        """For `midwatch probe`: with the secrets that asking needs."""
        found, probing = await assignments.of(location)
        return LocationProbes(probes=found, probing=probing, version=assignments.version)

    @router.post("/probe-locations/{location}/reports", dependencies=[engineer])
    async def report(location: Location, body: ProbeReports) -> ProbeReportsTaken:
        if location == desk.probing.location:
            raise BadRequest(f"location={location}: expected another name; the server's own location has this one")
        taken = await desk.take([_report(one, location) for one in body.reports])
        return ProbeReportsTaken(taken=taken, version=assignments.version)

    @router.get("/probes/{name:path}", dependencies=[viewer])
    async def probe(name: Name) -> ProbeAnswer:
        found = await views.one(name)
        if found is None:
            raise _unknown(name)
        changes = await ledger.changes(name, limit=CHANGES_TOLD)
        days = [
            ProbeDay(
                day=format_time(day * DAY_MS * 10**6)[:10],
                up_seconds=seconds.up,
                down_seconds=seconds.down,
                unknown_seconds=seconds.unknown,
            )
            for day, seconds in sorted(found.days.items())
        ]
        return ProbeAnswer(summary=_summary(found, views.today), changes=[_change(one) for one in changes], days=days)

    return router


def _unknown(name: str) -> NotFound:
    return NotFound(f"cannot find probe {name[:200]}: the plan in force has none of this name")


def _report(sent: ProbeReport, location: str) -> Report:
    try:
        result, standing = result_of(sent.result.model_dump()), standing_of(sent.standing.model_dump())
    except (KeyError, TypeError, ValueError) as error:
        raise BadRequest(f"cannot read the report of {sent.probe}: {error}; is `midwatch probe` newer?") from None
    return Report(sent.probe, location, result, standing)


def _summary(view: ProbeView, today: int) -> ProbeSummary:
    probe: Any = view.probe
    return ProbeSummary(
        name=probe.name,
        description=probe.description,
        kind=probe.kind,
        target=probe.target.shown,
        interval_seconds=probe.interval,
        labels=probe.labels,
        state=view.state,
        since=_time(view.since_ms),
        reason=view.reason,
        detail=view.detail,
        flapping=view.flapping,
        locations=[_location(one) for one in view.locations],
        certificate_expires=_expires(view.certificate_seconds),
        availability=view.availability(today),
    )


def _location(one: LocationView) -> ProbeLocation:
    return ProbeLocation(
        location=one.location,
        state=one.state,
        since=_time(one.since_ms),
        silent=one.silent,
        last=None if one.result is None else _attempt(one.result),
        certificate_expires=_expires(one.certificate_seconds),
    )


def _attempt(result: Any) -> ProbeAttempt:
    return ProbeAttempt(
        at=format_time(result["at_ns"]),
        seconds=result["seconds"],
        success=result["reason"] is None,
        reason=result["reason"] or "",
        detail=result["detail"],
        phases=result["phases"],
        facts=result["facts"],
    )


def _change(row: ProbeChangeRow) -> ProbeChange:
    told: Any = {"state_from": row.state_from, "state_to": row.state_to}
    return ProbeChange(id=row.id, at=format_time(row.at_ms * 10**6), reason=row.reason, detail=row.detail, **told)


def _time(ms: int) -> str | None:
    return format_time(ms * 10**6) if ms else None


def _expires(seconds: float | None) -> str | None:
    return None if seconds is None else format_time(int(seconds * 1e9))
