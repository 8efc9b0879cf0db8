"""`/api/v1/anomalies`: what anomaly rules look at, and their bands."""

import math

from fastapi import APIRouter, Depends

from midwatch.server.anomaly.band import HOURS_MIN
from midwatch.server.anomaly.desk import AnomalyDesk, Drawn
from midwatch.server.anomaly.young import Young
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import PROBLEM_RESPONSES
from midwatch.server.http.routes.rules import RuleId
from midwatch.server.http.scope_params import End, Start
from midwatch.server.model.actor import Role
from midwatch.server.model.clock import Clock
from midwatch.server.model.timerange import format_time, parse_range
from midwatch.server.schemas.anomalies import AnomalyBand, AnomalyLearning, AnomalyPoint, AnomalySeries


def anomalies_routes(desk: AnomalyDesk, guard: Guard, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["rules"], responses=PROBLEM_RESPONSES)

    @router.get("/anomalies/{rule_id}", dependencies=[Depends(guard.requires(Role.VIEWER))])
    async def anomaly(rule_id: RuleId, start: Start = None, end: End = None) -> AnomalyBand:
        """The last day unless start and end say otherwise; 92 days at most."""
        span = parse_range(start, end, now_ns=clock.now_ns(), default_seconds=86_400)
        found = await desk.report(rule_id, span.start_ns // 1_000_000, span.end_ns // 1_000_000)
        band = found.band
        return AnomalyBand(
            rule_id=rule_id,
            query=found.wanted.query,
            band=found.wanted.id,
            deviations=found.wanted.deviations,
            history_seconds=found.wanted.history_ms / 1000,
            zone=found.wanted.zone,
            learned_at=None if band is None or band.learned is None else format_time(band.learned.at_ms * 1_000_000),
            message="" if band is None else band.message,
            step_seconds=found.step_ms / 1000,
            series=[_series(one) for one in found.series],
            series_total=found.series_total,
        )

    return router


def _series(one: Drawn) -> AnomalySeries:
    rows = zip(
        *(part.tolist() for part in (one.times_ms, one.observed, one.expected, one.lower, one.upper)), strict=True
    )
    points = [
        AnomalyPoint(
            at=at / 1000, observed=_told(observed), expected=_told(expected), lower=_told(lower), upper=_told(upper)
        )
        for at, observed, expected, lower, upper in rows
    ]
    learning = None if one.young is None else _learning(one.young)
    return AnomalySeries(labels=dict(one.labels), points=points, learning=learning)


def _learning(one: Young) -> AnomalyLearning:
    since, ready = (format_time(ms * 1_000_000) for ms in (one.since_ms, one.ready_ms))
    return AnomalyLearning(since=since, hours=one.hours, hours_needed=HOURS_MIN, ready_at=ready)


def _told(value: float) -> float | None:
    return value if math.isfinite(value) else None
