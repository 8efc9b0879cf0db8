"""Joins the rooms to the routes of the main port."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from fastapi import APIRouter

from midwatch.server.config import Settings
from midwatch.server.costs.desk import InvoiceDesk
from midwatch.server.dashboards.desk import DashboardDesk
from midwatch.server.data_directory import Urls
from midwatch.server.event_rooms import event_routers
from midwatch.server.http.auth import Guard
from midwatch.server.http.routes.acknowledge import acknowledge_routes
from midwatch.server.http.routes.analytics import analytics_routes
from midwatch.server.http.routes.auth import auth_routes
from midwatch.server.http.routes.cardinality import cardinality_routes
from midwatch.server.http.routes.costs import costs_routes
from midwatch.server.http.routes.dashboards import dashboards_routes
from midwatch.server.http.routes.documentation import documentation_routes
from midwatch.server.http.routes.forward import forward_routes
from midwatch.server.http.routes.handlers import handlers_routes
from midwatch.server.http.routes.health import health_routes
from midwatch.server.http.routes.heartbeats import heartbeats_routes
from midwatch.server.http.routes.invoices import invoices_routes
from midwatch.server.http.routes.jaeger import jaeger_routes
from midwatch.server.http.routes.jaeger_v3 import jaeger_v3_routes
from midwatch.server.http.routes.loki import loki_routes
from midwatch.server.http.routes.loki_tail import loki_tail_routes
from midwatch.server.http.routes.notifications import notifications_routes
from midwatch.server.http.routes.page import page_routes
from midwatch.server.http.routes.people import people_routes
from midwatch.server.http.routes.pings import ping_routes
from midwatch.server.http.routes.plan import plan_routes
from midwatch.server.http.routes.privacy import privacy_routes
from midwatch.server.http.routes.probes import probes_routes
from midwatch.server.http.routes.prometheus import prometheus_routes
from midwatch.server.http.routes.reading import logs_routes, services_routes, sql_routes, traces_routes
from midwatch.server.http.routes.replays import replays_routes
from midwatch.server.http.routes.status_page import status_editing_routes, status_page_routes
from midwatch.server.http.routes.status_subscriptions import status_subscriber_routes, status_subscription_routes
from midwatch.server.http.routes.story import story_routes
from midwatch.server.http.routes.system import system_routes
from midwatch.server.http.routes.targets import targets_routes
from midwatch.server.http.routes.verify import verify_routes
from midwatch.server.http.routes.vitals import vitals_routes
from midwatch.server.http.scope_params import Scopes
from midwatch.server.issue_rooms import issue_routers
from midwatch.server.model.clock import Clock
from midwatch.server.model.measure import Counts, MeasureSource
from midwatch.server.model.signal import Signal
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.query.analytics.rooms import analytics
from midwatch.server.query.costs import CountedSource, CountedTables
from midwatch.server.query.fields import FieldQueries
from midwatch.server.query.leaks import Leaks
from midwatch.server.query.logql.tail import LogQLTail
from midwatch.server.query.logs import LogQueries
from midwatch.server.query.metrics.cardinality import Cardinality
from midwatch.server.query.metrics.reader import StoreReader
from midwatch.server.query.replay_errors import ReplayErrors
from midwatch.server.query.services import ServiceQueries
from midwatch.server.query.spending.months import DaySums
from midwatch.server.query.sql import SqlQueries
from midwatch.server.query.story.rooms import stories
from midwatch.server.query.tail import LogTail
from midwatch.server.query.traces import TraceQueries
from midwatch.server.query.vitals.report import VitalQueries
from midwatch.server.query.vitals.samples import SampleQueries
from midwatch.server.release_rooms import release_routers
from midwatch.server.rooms import Rooms
from midwatch.server.status.backup import BackupDesk
from midwatch.server.status.checks import STORE_CHECK, Checks, disk_check, wal_check
from midwatch.server.status.letters import LetterDesk
from midwatch.server.status.system import Refusal, SystemView
from midwatch.server.store.client import QueryClass
from midwatch.server.watch_routers import watch_routers


def routers(
    rooms: Rooms, settings: Settings, data: Path, urls: Urls, clock: Clock, page: Callable[[], bytes]
) -> list[APIRouter]:
    """Every route of the main port but the doors; the page's catch-all comes last. `page` makes `/metrics`."""
    store, engine, workspace = rooms.store, rooms.engine, rooms.workspace
    checks = Checks(
        {
            STORE_CHECK: rooms.opening.check,
            "database": workspace.database.check,
            "wal": wal_check(rooms.wal),
            "disk": disk_check(data, settings.disk_reserve),
        },
        clock,
    )
    view = SystemView(
        store=store,
        writer=rooms.writer,
        wal=rooms.wal,
        checks=checks,
        clock=clock,
        data=data,
        started_ns=clock.now_ns(),
        store_name=lambda: f"{'embedded ' if engine else ''}ClickHouse {store.server_version}",
        database_name=workspace.database.name,
        retention_days=lambda signal: rooms.retention.days[signal],
        dead_letters=lambda: rooms.dead_letters.count,
        engine_restarts=lambda: engine.restarts if engine else 0,
        refusals=partial(_refusals, rooms),
        key_names=workspace.keys.names,
    )
    backups = BackupDesk(
        data,
        store=store if engine else None,
        wal=rooms.copied,
        workspace=workspace,
        clock=clock,
        reserve_bytes=settings.disk_reserve,
        blobs_are_ours=not settings.blobs,
    )
    guard, scopes = Guard(workspace), Scopes(clock, rooms.environments)
    costs = rooms.costs
    source, tables = CountedSource(store, costs), CountedTables(partial(store.table, query_class=QueryClass.SQL), costs)
    traces, services = TraceQueries(source, clock, rooms.wal.waiting), ServiceQueries(source)
    cardinality = Cardinality(StoreReader(store, costs, QueryClass.PAGE), workspace.keys.names, rooms.series_max)
    desk = LetterDesk(rooms.dead_letters, rooms.wal, workspace, workspace.keys.names)
    monitors = rooms.monitors
    assignments = monitors.assignments(
        lambda: (rooms.plan.in_force.plan.written, rooms.plan.in_force.version),
        PlanFiles(settings.plan, settings.scrape_directories()),
    )
    return [
        health_routes(checks, page),
        auth_routes(workspace, guard),
        people_routes(workspace, guard),
        system_routes(view, guard, rooms.retention, desk, backups, workspace.keys, urls, clock),
        plan_routes(rooms.plan, guard),
        verify_routes(rooms.verify, guard, scopes),
        dashboards_routes(DashboardDesk(workspace.dashboards, rooms.boards), guard),
        targets_routes(rooms.scraper.targets, guard),
        cardinality_routes(cardinality, guard, scopes),
        forward_routes(rooms.forwarder, guard),
        analytics_routes(analytics(store, costs), workspace.funnels, guard, scopes),
        costs_routes(rooms.spending, guard, scopes),
        invoices_routes(InvoiceDesk(workspace.invoices, DaySums(rooms.spending.spending)), guard),
        heartbeats_routes(monitors.heartbeats, guard),
        ping_routes(monitors.heartbeats, workspace.keys),
        status_editing_routes(monitors.status, monitors.subscriptions, workspace.status_mails, guard, clock),
        status_subscriber_routes(monitors.subscriptions, guard),
        status_subscription_routes(monitors.subscriptions, monitors.status),
        status_page_routes(monitors.status, monitors.subscriptions),
        probes_routes(monitors.probes, monitors.views, workspace.probes, assignments, monitors.asker, guard),
        logs_routes(LogQueries(source), LogTail(source, clock, rooms.wal.waiting), guard, scopes),
        traces_routes(traces, guard, scopes),
        services_routes(services, FieldQueries(source), guard, scopes),
        sql_routes(SqlQueries(tables), guard, scopes),
        story_routes(
            stories(source, rooms.replays.ledger, workspace.alerting, rooms.releases.releases, clock),
            guard,
            scopes,
            rooms.delivery.external_url,
        ),
        privacy_routes(Leaks(source), rooms.eraser, guard, scopes),
        vitals_routes(VitalQueries(source), SampleQueries(source), guard, scopes),
        replays_routes(rooms.replays.desk, ReplayErrors(source), guard, scopes),
        handlers_routes(rooms.handlers.desk, guard, rooms.environments),
        jaeger_routes(traces, services, source, guard, clock),
        jaeger_v3_routes(traces, source, guard, clock),
        *loki_routes(source, guard, clock),
        loki_tail_routes(LogQLTail(source, clock, rooms.wal.waiting), guard, clock),
        notifications_routes(rooms.delivery.desk, guard),
        acknowledge_routes(rooms.delivery.desk, clock),
        *watch_routers(rooms, guard, clock),
        *event_routers(rooms.events, workspace, source, guard, scopes, clock),
        *issue_routers(rooms.issues, rooms.releases, rooms.blobs, source, guard, scopes),
        *release_routers(rooms.releases, workspace, source, guard, scopes, clock, rooms.issues.issues),
        *prometheus_routes(rooms.metrics, rooms.scraper.targets, guard, rooms.environments, clock),
        documentation_routes(),
        page_routes(),
    ]


def measured(rooms: Rooms, refused: Counts) -> list[MeasureSource]:
    """Every room that has figures for `/metrics`."""
    found: list[MeasureSource] = [
        rooms.ingest,
        rooms.wal,
        rooms.writer,
        rooms.limits,
        rooms.leaks,
        rooms.fields,
        rooms.disk_guard,
        rooms.costs,
        refused,
        rooms.sentry,
    ]
    found += [
        rooms.scraper,
        rooms.metrics.derived,
        rooms.forwarder,
        rooms.watch.rules,
        rooms.monitors,
        rooms.replays,
        rooms.issues,
        rooms.events,
        rooms.handlers.desk,
        rooms.watch.alerts,
        rooms.watch.bands,
        rooms.budgets,
        rooms.delivery,
    ]
    found += [one for one in (rooms.statsd, rooms.engine) if one is not None]
    return found


def _refusals(rooms: Rooms) -> list[Refusal]:
    """What doors refused since start."""
    found = [
        Refusal(key, signal, reason, refusal.count, refusal.last_ns)
        for (key, signal, reason), refusal in rooms.ingest.refused.items()
    ]
    found += [
        Refusal("", lane.otlp.kind.signal, f"forward_{reason}", count, lane.state.lost_ns[reason])
        for _, lane in rooms.forwarder.lanes()
        for reason, count in lane.state.lost.items()
    ]
    hits = rooms.handlers.desk.hits
    found += [Refusal("", "handlers", reason, one.count, one.last_ns) for reason, one in hits.items()]
    found += [Refusal(*of, given.count, given.last_ns) for of, given in rooms.dead_letters.gone.items()]
    if rooms.statsd is not None:
        dropped = rooms.statsd.dropped
        found += [Refusal("", Signal.METRICS, reason, one.count, one.last_ns) for reason, one in dropped.items()]
    return found
