"""`/api/v1/rules`: rules, how they are, and every change of their alerts' states."""

import math
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.scope_params import Cursor, End, Limit, Start
from midwatch.server.model.actor import Role
from midwatch.server.model.alert import fingerprint
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, NotFound
from midwatch.server.model.timerange import format_time, parse_time
from midwatch.server.promql.wire.numbers import number
from midwatch.server.rules.alerts import ActiveAlert, State
from midwatch.server.rules.model import AlertingRule
from midwatch.server.rules.observed import observed
from midwatch.server.rules.runner import RuleRunner
from midwatch.server.rules.state import GroupState, RuleState
from midwatch.server.schemas.base import QueryStats
from midwatch.server.schemas.rules import (
    RuleAlert,
    RuleDetail,
    RuleGroup,
    RuleGroups,
    RuleHealth,
    RuleHistory,
    RuleStateName,
    RuleSummary,
    RuleTransition,
)
from midwatch.server.workspace.models import RuleTransitionRow
from midwatch.server.workspace.rules import HistoryFilter, RuleAlerts

ALERTS_LISTED_MAX = 5000
RuleId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
Name = Annotated[str, Query(max_length=1024)]


def rules_routes(rules: RuleRunner, history: RuleAlerts, guard: Guard, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["rules"], responses=PROBLEM_RESPONSES)
    viewer = Depends(guard.requires(Role.VIEWER))

    @router.get("/rules", dependencies=[viewer])
    async def rule_groups(
        state: RuleStateName | None = None, health: RuleHealth | None = None, name: Name = "", file: Name = ""
    ) -> RuleGroups:
        """Of each group the rules that fit; groups without any are left out."""

        def fits(one: RuleState) -> bool:
            return (
                (state is None or one.state.value == state)
                and (health is None or one.health == health)
                and name.lower() in one.rule.name.lower()
            )

        groups = [
            _group(group, [one for one in group.rules if fits(one)], built_in=evaluator is rules.built_in)
            for evaluator in rules.evaluators
            for group in list(evaluator.groups.values())
            if file in ("", group.group.file)
        ]
        found = [group for group in groups if group.rules]
        return RuleGroups(evaluating=rules.running, behind_seconds=rules.behind_seconds, groups=found)

    @router.get("/rules/{rule_id}", dependencies=[viewer])
    async def rule(rule_id: RuleId) -> RuleDetail:
        found = rules.find(rule_id)
        if found is None:
            raise NotFound(f"cannot find rule {rule_id}: the plan in force has none of this id")
        group, one = found
        seen = observed(one.rule.expr)
        alerts = sorted(one.alerts, key=lambda alert: (alert.state is not State.FIRING, alert.active_at_ms))
        return RuleDetail(
            rule=_summary(one),
            file=group.group.file,
            group=group.group.name,
            interval_seconds=group.group.interval_ms / 1000,
            looks_at=seen.query,
            operator=seen.operator,
            threshold=seen.threshold if seen.threshold is not None and math.isfinite(seen.threshold) else None,
            alerts=[_alert(alert) for alert in alerts[:ALERTS_LISTED_MAX]],
            alerts_total=len(alerts),
        )

    @router.get("/rule-history", dependencies=[viewer])
    async def rule_history(
        rule_id: Annotated[str, Query(max_length=16)] = "",
        alert: Name = "",
        fingerprint: Annotated[str, Query(max_length=16)] = "",
        file: Name = "",
        group: Name = "",
        after: RuleStateName | None = None,
        start: Start = None,
        end: End = None,
        limit: Limit = 100,
        cursor: Cursor = None,
    ) -> RuleHistory:
        """Of all time, unless start and end say less."""
        began = time.perf_counter()
        now_ns = clock.now_ns()
        wanted = HistoryFilter(
            rule_id,
            alert,
            fingerprint,
            file,
            group,
            after or "",
            None if not start else parse_time(start, now_ns=now_ns, name="start") // 1_000_000,
            None if not end else parse_time(end, now_ns=now_ns, name="end") // 1_000_000,
        )
        rows = await history.page(wanted, before_id=_before(cursor), limit=limit + 1)
        return RuleHistory(
            transitions=[_transition(row) for row in rows[:limit]],
            next_cursor=str(rows[limit - 1].id) if len(rows) > limit else None,
            stats=QueryStats(elapsed_ms=(time.perf_counter() - began) * 1000),
        )

    return router


def _before(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
        raise BadRequest("cursor: expected one of an answer before")
    return int(cursor)


def _time(at_ms: int | None) -> str | None:
    return None if at_ms is None else format_time(at_ms * 1_000_000)


def _group(state: GroupState, rules: list[RuleState], *, built_in: bool) -> RuleGroup:
    group = state.group
    return RuleGroup(
        file=group.file,
        name=group.name,
        built_in=built_in,
        interval_seconds=group.interval_ms / 1000,
        query_offset_seconds=group.query_offset_ms / 1000,
        limit=group.limit,
        evaluated_at=None if state.evaluated_ns is None else format_time(state.evaluated_ns),
        evaluation_seconds=state.seconds,
        next_due=format_time(state.due_ms * 1_000_000),
        missed=state.missed,
        rules=[_summary(one) for one in rules],
    )


def _summary(one: RuleState) -> RuleSummary:
    rule, alerts = one.rule, one.alerts
    alerting = rule if isinstance(rule, AlertingRule) else None
    firing = sum(alert.state is State.FIRING for alert in alerts)
    return RuleSummary(
        id=rule.id,
        kind=rule.kind,
        name=rule.name,
        query=rule.query,
        written_as=rule.written,
        labels=dict(rule.labels),
        annotations=dict(alerting.annotations) if alerting else {},
        for_seconds=alerting.for_ms / 1000 if alerting else 0,
        keep_firing_for_seconds=alerting.keep_firing_for_ms / 1000 if alerting else 0,
        line=rule.line,
        state=one.state.value,
        health=one.health,
        error=one.error,
        warnings=[*one.warnings, *one.infos],
        evaluated_at=_time(one.evaluated_ms),
        evaluation_seconds=one.seconds,
        pending=len(alerts) - firing,
        firing=firing,
    )


def _alert(alert: ActiveAlert) -> RuleAlert:
    labels = dict(alert.labels)
    return RuleAlert(
        fingerprint=fingerprint(labels),
        state=alert.state.value,
        labels=labels,
        annotations=dict(alert.annotations),
        value=number(alert.value),
        active_at=format_time(alert.active_at_ms * 1_000_000),
        fired_at=_time(alert.fired_at_ms),
        keep_firing_since=_time(alert.keep_firing_since_ms),
    )


def _transition(row: RuleTransitionRow) -> RuleTransition:
    return RuleTransition(
        id=row.id,
        time=format_time(row.at_ms * 1_000_000),
        rule_id=row.rule_id,
        file=row.file,
        group=row.group,
        alert=row.alert_name,
        fingerprint=row.fingerprint,
        before=State(row.before).value,
        after=State(row.after).value,
        value=row.value,
        labels=row.labels,
        annotations=row.annotations,
    )
