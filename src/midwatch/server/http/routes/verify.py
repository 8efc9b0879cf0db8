"""`/api/v1/verify…`: what arrives, held against the plan; and a first plan of what arrives."""

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from midwatch.contract.duration import parse_duration
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.scope_params import Env, Project, Scopes
from midwatch.server.model.actor import Role
from midwatch.server.model.errors import BadRequest
from midwatch.server.model.timerange import TimeRange, format_time
from midwatch.server.query.logs import stats_since
from midwatch.server.query.source import Scope
from midwatch.server.schemas.verify import (
    ContractRow,
    CorrelationGap,
    CorrelationGaps,
    PlanDraft,
    VerifyCheck,
    VerifyFinding,
    VerifyReport,
)
from midwatch.server.verify.desk import Checked, Run, VerifyDesk
from midwatch.server.verify.draft import Draft, drafted
from midwatch.server.verify.finding import Finding, Row
from midwatch.server.verify.observed.correlation import Call, calls

SINCE_SECONDS_MIN, SINCE_SECONDS_MAX = 60.0, 31 * 86_400.0
WAIT_SECONDS_MAX = 20.0
Since = Annotated[str, Query(max_length=20, description="how far back: 24h, 7d")]


def verify_routes(desk: VerifyDesk, guard: Guard, scopes: Scopes) -> APIRouter:
    viewer = Depends(guard.requires(Role.VIEWER))
    router = APIRouter(prefix="/api/v1/verify", tags=["plan"], responses=PROBLEM_RESPONSES, dependencies=[viewer])

    @router.get("")
    async def verify(
        env: Env = None,
        since: Since = "24h",
        project: Project = 1,
        fresh: bool = False,  # noqa: FBT001, FBT002 - a query's parameter
        wait: Annotated[float, Query(ge=0, le=WAIT_SECONDS_MAX, description="seconds to wait for it")] = 10.0,
    ) -> VerifyReport:
        """Of the last minute, unless a fresh run is asked for. While it runs: what is known so far."""
        scope = _scope(scopes, since, env, project)
        return _report(await desk.report(scope, fresh=fresh, wait_seconds=wait))

    @router.get("/correlation")
    async def correlation_gaps(scope: Annotated[Scope, scopes.asked]) -> CorrelationGaps:
        """Calls on which a correlation id gets lost, for the service map."""
        started = time.perf_counter()
        asked = desk.asked(scope)
        found = await calls(asked.source, scope)
        return CorrelationGaps(gaps=[_gap(one) for one in found], stats=stats_since(started))

    @router.get("/draft")
    async def plan_draft(env: Env = None, since: Since = "24h", project: Project = 1) -> PlanDraft:
        """A first `midwatch.yml` of what arrived, for `midwatch init`."""
        return _draft(await drafted(desk.asked(_scope(scopes, since, env, project))))

    return router


def _scope(scopes: Scopes, since: str, env: list[str] | None, project: int) -> Scope:
    try:
        seconds = parse_duration(since)
    except ValueError as error:
        raise BadRequest(f"since={since}: {error}") from None
    if not SINCE_SECONDS_MIN <= seconds <= SINCE_SECONDS_MAX:
        raise BadRequest(f"since={since}: expected 1m to 31d")
    end_ns = scopes.clock.now_ns()
    names = scopes.environments.every(name[:1024] for name in env or ())
    return Scope(TimeRange(end_ns - int(seconds * 1e9), end_ns), names, project)


def _report(run: Run) -> VerifyReport:
    findings = sorted(
        (_finding(one.check.name, finding) for one in run.checked for finding in one.outcome.findings),
        key=lambda finding: finding.severity,
    )
    return VerifyReport(
        state="done" if run.whole else "running",
        environment=run.environment,
        start=format_time(run.scope.span.start_ns),
        end=format_time(run.scope.span.end_ns),
        checks=[_checked(one) for one in run.checked],
        errors=sum(one.severity == "error" for one in findings),
        warnings=sum(one.severity == "warning" for one in findings),
        findings=findings,
        rows=[_row(one) for one in run.rows],
    )


def _checked(one: Checked) -> VerifyCheck:
    return VerifyCheck(
        name=one.check.name,
        title=one.check.title,
        state="failed" if one.error else "done" if one.done else "waiting",
        error=one.error,
        seconds=round(one.seconds, 3),
        findings=one.findings_total,
        rows=one.rows_total,
    )


def _finding(check: str, one: Finding) -> VerifyFinding:
    return VerifyFinding(
        id=one.id,
        check=check,
        kind=one.kind,
        severity=one.severity,
        subject=one.subject,
        expected=one.expected,
        found=one.found,
        todo=one.todo,
        since=_time(one.since_ns),
        link=one.link,
        snippet=one.snippet,
    )


def _row(one: Row) -> ContractRow:
    return ContractRow(
        thing=one.thing,
        name=one.name,
        state=one.state,
        declared=one.declared,
        count=one.count,
        first_seen=_time(one.first_ns),
        last_seen=_time(one.last_ns),
        services=list(one.services),
        owner=one.owner,
        link=one.link,
    )


def _gap(one: Call) -> CorrelationGap:
    return CorrelationGap(
        source=one.source,
        target=one.target,
        traces=one.calls,
        lost=one.lost,
        replaced=one.replaced,
        example_trace=one.example,
        since=format_time(one.since_ns),
    )


def _draft(one: Draft) -> PlanDraft:
    return PlanDraft(text=one.text, services=one.services, events=one.events, metrics=one.metrics)


def _time(at_ns: int | None) -> str | None:
    return None if at_ns is None else format_time(at_ns)
