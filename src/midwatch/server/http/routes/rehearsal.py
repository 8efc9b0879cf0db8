"""`/api/v1/drills`, `/api/v1/backtests`: what an alert would do, and what it would have done."""

import math
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.model.actor import Actor, Role, Scope
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import BadRequest
from midwatch.server.model.notification import Notification
from midwatch.server.model.timerange import format_time, parse_time
from midwatch.server.promql import QueryError
from midwatch.server.rehearsal.backtest import Backtest, Span
from midwatch.server.rehearsal.desk import RehearsalDesk, Rehearsed, Rule
from midwatch.server.rehearsal.drill import Drill, Entry
from midwatch.server.rules.observed import Line, Observed
from midwatch.server.schemas.rehearsal import (
    BacktestAnswer,
    BacktestRequest,
    BacktestSpan,
    DrillAnswer,
    DrillEntry,
    DrillRequest,
    MadeUpSeries,
    RehearsalLine,
    RehearsalMessage,
    RehearsalPoint,
    RehearsedRule,
    RehearsedRules,
    Watched,
)

MESSAGES_MAX = 500
_MS_NS = 1_000_000


def rehearsal_routes(desk: RehearsalDesk, guard: Guard, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["alerts"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))
    Editor = Annotated[Actor, Depends(guard.requires(Role.EDITOR, scope=Scope.WRITE))]

    @router.post("/drills")
    async def drill(body: DrillRequest, actor: Editor) -> DrillAnswer:
        """Rehearse an alert's whole life on made-up series; nobody is sent anything, and nothing is stored of it."""
        one = desk.find(body.alert)
        at_ms = None if body.at is None else _time_ms("at", body.at, clock)
        done = await desk.drill(actor, one, at_ms=at_ms, hold_ms=round(body.hold_seconds * 1000))
        return _drill(one, done)

    @router.get("/drills", dependencies=[viewer])
    async def drills() -> RehearsedRules:
        """Every alerting rule in force with its last drill, those that had none first."""
        found = await desk.rehearsed()
        never = sum(one.last is None or one.changed for one in found)
        return RehearsedRules(rules=[_rehearsed(one) for one in found], never=never)

    @router.post("/backtests", dependencies=[viewer])
    async def backtest(body: BacktestRequest) -> BacktestAnswer:
        """When a rule would have fired over stored history, and who would have been told."""
        if (body.alert is None) == (body.rule is None):
            raise BadRequest("expected either alert or rule")
        one = desk.find(body.alert) if body.alert is not None else desk.read(body.rule or "")
        start_ms = _time_ms("start", body.start, clock)
        end_ms = now_ms(clock) if body.end is None else _time_ms("end", body.end, clock)
        try:
            found = await desk.backtest(one, start_ms, end_ms, threshold=body.threshold)
        except QueryError as error:
            raise BadRequest(f"cannot replay {one[1].name}: {error.message}", code="cannot_replay") from None
        return _backtest(one, found)

    return router


def _time_ms(name: str, text: str, clock: Clock) -> int:
    return parse_time(text, now_ns=clock.now_ns(), name=name) // _MS_NS


def _time(at_ms: int) -> str:
    return format_time(at_ms * _MS_NS)


def _drill(one: Rule, done: Drill) -> DrillAnswer:
    begin = next(entry.at_ms for entry in done.entries if entry.kind == "incident")
    return DrillAnswer(
        alert=done.rule,
        rule_id=one[1].id,
        query=one[1].query,
        passed=done.passed,
        fired=done.fired,
        resolved=done.resolved,
        told=done.told,
        start=_time(done.start_ms),
        end=_time(done.end_ms),
        entries=[_entry(entry, begin) for entry in done.entries],
        messages=[_message(sent) for sent in done.notifications[:MESSAGES_MAX]],
        series=[
            MadeUpSeries(labels=dict(made.labels), kind=made.kind.value, calm=made.calm, incident=made.incident)
            for made in done.courses
        ],
        watched=_watched(done.observed, done.lines, 0),
    )


def _entry(one: Entry, begin: int) -> DrillEntry:
    return DrillEntry(
        at=_time(one.at_ms),
        after_seconds=(one.at_ms - begin) / 1000,
        kind=one.kind,
        text=one.text,
        receiver=one.receiver,
        integration=one.integration,
    )


def _message(one: Notification) -> RehearsalMessage:
    annotations = one.alerts[0].annotations if one.alerts else {}
    return RehearsalMessage(
        at=format_time(one.at_ns),
        receiver=one.integration.receiver,
        integration=str(one.integration),
        reason=one.reason.value,
        firing=len(one.firing),
        resolved=len(one.resolved),
        group_labels=dict(one.group_labels),
        summary=annotations.get("summary") or annotations.get("title") or (one.alerts[0].name if one.alerts else ""),
    )


def _watched(seen: Observed, lines: Iterable[Line], more: int) -> Watched:
    threshold = seen.threshold if seen.threshold is not None and math.isfinite(seen.threshold) else None
    return Watched(
        query=seen.query,
        operator=seen.operator,
        threshold=threshold,
        lines=[
            RehearsalLine(
                labels=dict(line.labels),
                points=[RehearsalPoint(at=at / 1000, value=value) for at, value in line.points if math.isfinite(value)],
            )
            for line in lines
        ],
        more_lines=more,
    )


def _backtest(one: Rule, found: Backtest) -> BacktestAnswer:
    fired, sent_then = len(found.fired), found.told.notifications
    return BacktestAnswer(
        alert=one[1].name,
        query=found.query,
        start=_time(found.start_ms),
        end=_time(found.end_ms),
        evaluations=found.history.life.evaluations,
        fired=fired,
        pending_only=len(found.spans) - fired,
        firing_seconds=found.firing_ms / 1000,
        verdict=found.verdict,
        spans=[_span(span) for span in found.spans],
        messages=[_message(sent) for sent in sent_then[:MESSAGES_MAX]],
        more_messages=max(0, len(sent_then) - MESSAGES_MAX),
        messages_until=None if found.told.until_ms is None else _time(found.told.until_ms),
        watched=_watched(found.history.observed, found.history.lines, found.history.more_lines),
    )


def _span(one: Span) -> BacktestSpan:
    return BacktestSpan(
        labels=dict(one.labels),
        active_at=_time(one.active_ms),
        fired_at=None if one.fired_ms is None else _time(one.fired_ms),
        ended_at=None if one.end_ms is None else _time(one.end_ms),
        value=one.value if math.isfinite(one.value) else 0.0,
    )


def _rehearsed(one: Rehearsed) -> RehearsedRule:
    last = one.last
    return RehearsedRule(
        rule_id=one.rule.id,
        alert=one.rule.name,
        group=one.group.name,
        file=one.group.file,
        severity=one.rule.labels.get("severity", ""),
        drilled_at=_time(last.drilled_ms) if last else None,
        drilled_by=last.drilled_by if last else None,
        passed=last.passed if last else None,
        told=list(last.told) if last else [],
        changed=one.changed,
    )
