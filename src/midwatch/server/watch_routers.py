"""Joins the watch to its routes."""

from collections.abc import Mapping, Sequence
from functools import partial

from fastapi import APIRouter

from midwatch.server.alerting.finding import AlertFinder
from midwatch.server.anomaly.desk import AnomalyDesk
from midwatch.server.bands import range_arrays
from midwatch.server.http.auth import Guard
from midwatch.server.http.routes.alerting import alerting_routes
from midwatch.server.http.routes.alertmanager import alertmanager_routes
from midwatch.server.http.routes.anomalies import anomalies_routes
from midwatch.server.http.routes.on_call import on_call_routes
from midwatch.server.http.routes.prometheus_rules import prometheus_rules_routes
from midwatch.server.http.routes.rehearsal import rehearsal_routes
from midwatch.server.http.routes.rules import rules_routes
from midwatch.server.http.routes.runbooks import runbooks_routes
from midwatch.server.http.routes.slo import slo_routes
from midwatch.server.model.band import BandWanted
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import NotFound
from midwatch.server.promql import Matrix, SeriesSource, Vector
from midwatch.server.promql.floats import is_stale
from midwatch.server.promql.labels import Labels
from midwatch.server.query.metrics.queries import SECONDS_MAX
from midwatch.server.query.metrics.scope import SeriesScope
from midwatch.server.rehearsal.desk import RehearsalDesk
from midwatch.server.rooms import Rooms
from midwatch.server.rules.templates import RuleTemplates
from midwatch.server.runbooks.desk import RunbookDesk
from midwatch.server.slo.budget import Interval
from midwatch.server.slo.desk import SloDesk


def watch_routers(rooms: Rooms, guard: Guard, clock: Clock) -> list[APIRouter]:
    watch, workspace = rooms.watch, rooms.workspace
    finder = AlertFinder(watch.alerts, workspace.alerting)
    return [
        *alerting_routes(watch.alerts, watch.acts, workspace.alerting, watch.on_call.tell, guard, clock),
        alertmanager_routes(watch.alerts, watch.acts, guard, clock),
        on_call_routes(watch.on_call, guard, clock),
        runbooks_routes(RunbookDesk(watch.runbooks, workspace.runbook_ticks, finder, clock), guard, clock),
        rehearsal_routes(_rehearsals(rooms, clock), guard, clock),
        slo_routes(_objectives(rooms, clock), guard),
        prometheus_rules_routes(watch.rules, guard),
        rules_routes(watch.rules, workspace.rule_alerts, guard, clock),
        anomalies_routes(_anomalies(rooms), guard, clock),
    ]


def _anomalies(rooms: Rooms) -> AnomalyDesk:
    watch, metrics = rooms.watch, rooms.metrics

    def find(rule_id: str) -> BandWanted | None:
        found = watch.rules.find(rule_id)
        if found is None:
            raise NotFound(f"cannot find rule {rule_id}: the plan in force has none of this id")
        return found[1].rule.band

    return AnomalyDesk(find, watch.bands, range_arrays(metrics.asking.engine, metrics.queries))


def _rehearsals(rooms: Rooms, clock: Clock) -> RehearsalDesk:
    metrics, watch = rooms.metrics, rooms.watch
    return RehearsalDesk(
        lambda: watch.rules.rule_set,
        lambda: watch.alerts.configuration,
        metrics.asking.engine,
        RuleTemplates(watch.rules.surroundings),
        partial(metrics.queries.work, SeriesScope()),
        rooms.workspace.drills,
        clock,
        watch.on_call.tell,
    )


def _objectives(rooms: Rooms, clock: Clock) -> SloDesk:
    asked, scope = rooms.metrics.queries, SeriesScope()
    engine, maintenance = rooms.metrics.asking.engine, rooms.watch.alerts.maintenance

    async def instant(query: str, time_ms: int) -> Sequence[tuple[Labels, float]]:
        def work(source: SeriesSource) -> list[tuple[Labels, float]]:
            value = engine.instant(source, query, time_ms).value
            samples = value.samples if isinstance(value, Vector) else []
            return [(one.labels, one.value) for one in samples if isinstance(one.value, float)]

        return await asked.work(scope, work, SECONDS_MAX)

    async def range_(query: str, start_ms: int, end_ms: int, step_ms: int) -> Sequence[tuple[int, float]]:
        def work(source: SeriesSource) -> list[tuple[int, float]]:
            matrix = engine.range(source, query, start_ms, end_ms, step_ms).value
            if not isinstance(matrix, Matrix) or not matrix.series:
                return []
            one = matrix.series[0]
            kept = ~is_stale(one.values)
            return list(zip(one.times_ms[kept].tolist(), one.values[kept].tolist(), strict=True))

        return await asked.work(scope, work, SECONDS_MAX)

    def maintained(labels: Mapping[str, str], start: float, end: float) -> list[Interval]:
        return [Interval(one.start, one.end) for one in maintenance.times(labels, start, end)]

    return SloDesk(rooms.watch.objectives, instant, range_, maintained, clock)
