"""Opens everything that a server is made of, in the order in which one needs the other."""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from midwatch.contract.plan.sections.environments import Environments
from midwatch.contract.plan.sections.forward import Destinations
from midwatch.contract.plan.sections.privacy import Privacy
from midwatch.server.bands import range_arrays
from midwatch.server.blobs import open_blobs
from midwatch.server.config import Settings
from midwatch.server.costs.keeper import CostKeeper
from midwatch.server.dashboards.desk import PlanBoards
from midwatch.server.dashboards.files import DASHBOARD_FILES
from midwatch.server.data_directory import node_id
from midwatch.server.delivery import Delivery, open_delivery
from midwatch.server.engine.supervisor import EngineSupervisor
from midwatch.server.event_rooms import EventRooms, open_event_rooms
from midwatch.server.forward.forwarder import Forwarder, Wanted
from midwatch.server.handlers.rooms import HandlerLimits, HandlerRooms, handler_rooms
from midwatch.server.ingest.admission import Admission
from midwatch.server.ingest.ingest import Ingest
from midwatch.server.ingest.sentry_doors import SentryDoors
from midwatch.server.ingest.statsd import StatsdDoor
from midwatch.server.ingest.statsd_sockets import StatsdSockets
from midwatch.server.issue_rooms import IssueRooms, open_issue_rooms
from midwatch.server.issues.trackers import TrackerDesk
from midwatch.server.leases.leases import Leases
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.attention import Attention
from midwatch.server.model.blobs import Blobs
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import Unauthorized
from midwatch.server.model.signal import SegmentKind, Signal
from midwatch.server.model.wal_keys import WalKeys
from midwatch.server.monitors.rooms import MonitorRooms, monitor_rooms
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.outgoing.reach import Guard, Reach
from midwatch.server.plan.effects import (
    Effect,
    derived_effect,
    environments_effect,
    files_effect,
    forward_effect,
    heartbeats_effect,
    look_effect,
    privacy_effect,
    probes_effect,
    replays_effect,
    retention_effect,
    scrape_effect,
    status_page_effect,
)
from midwatch.server.plan.environments import EnvironmentNames
from midwatch.server.plan.keeper import PlanKeeper
from midwatch.server.plan.watch import PlanWatch
from midwatch.server.plan_lint import StoredLint
from midwatch.server.plan_parts import CHECKS, READERS
from midwatch.server.privacy.bodies import Parking
from midwatch.server.privacy.erasure.eraser import Eraser
from midwatch.server.privacy.field_sweeper import FieldSweeper
from midwatch.server.privacy.in_force import PrivacyInForce
from midwatch.server.privacy.rooms import open_eraser, open_privacy
from midwatch.server.promql import EngineOptions
from midwatch.server.protocols.otlp.heartbeats import MARKER as HEARTBEAT_MARKER
from midwatch.server.query.costs import Costs
from midwatch.server.query.handler_errors import HandlerErrors
from midwatch.server.query.metrics.derived.catalogue import DerivedCatalogue
from midwatch.server.query.metrics.reader import StoreReader
from midwatch.server.query.metrics.rooms import MetricRooms, metric_rooms
from midwatch.server.query.metrics.sent import SentMetrics
from midwatch.server.query.spending.rooms import SpendingRooms, spending_rooms
from midwatch.server.release_rooms import ReleaseRooms, open_release_rooms
from midwatch.server.replays.rooms import ReplayRooms, replay_rooms
from midwatch.server.rules.lint import LookBack
from midwatch.server.scrape.scraper import Scraper
from midwatch.server.status.retention import RetentionKeeper
from midwatch.server.store.address import Target
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.edges import ServiceEdges
from midwatch.server.store.field_retention import FieldRetention
from midwatch.server.store.migrate import migrate
from midwatch.server.store.opening import Opening
from midwatch.server.store.protection import DiskGuard
from midwatch.server.store.retention import apply_retention
from midwatch.server.store.run_counts import LEAKS, LIMITS, RunCounts
from midwatch.server.store.series_limits import SeriesMax
from midwatch.server.store.writer import Policy, Writer
from midwatch.server.verify.desk import VerifyDesk
from midwatch.server.verify_room import open_verify
from midwatch.server.wal.copies import CopiedLog
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.wal.log import WriteAheadLog
from midwatch.server.wal.opening import wal_keys
from midwatch.server.watch import Watch, open_watch
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.workspace import Bootstrap, Workspace

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Rooms:
    """Everything that is open while the server runs."""

    workspace: Workspace
    bootstrap: Bootstrap
    dead_letters: DeadLetters
    wal: WriteAheadLog
    copied: CopiedLog
    store: Store
    opening: Opening
    engine: EngineSupervisor | None
    disk_guard: DiskGuard
    retention: RetentionKeeper
    environments: EnvironmentNames
    plan: PlanKeeper
    boards: PlanBoards
    plan_watch: PlanWatch
    series_max: SeriesMax
    writer: Writer
    limits: RunCounts
    leaks: RunCounts
    eraser: Eraser
    fields: FieldSweeper
    leases: Leases
    edges: ServiceEdges
    ingest: Ingest
    costs: Costs
    spending: SpendingRooms
    budgets: CostKeeper
    metrics: MetricRooms
    watch: Watch
    delivery: Delivery
    statsd: StatsdDoor | None
    scraper: Scraper
    forwarder: Forwarder
    guard: Guard
    monitors: MonitorRooms
    sentry: SentryDoors
    blobs: Blobs
    replays: ReplayRooms
    releases: ReleaseRooms
    issues: IssueRooms
    verify: VerifyDesk
    events: EventRooms
    handlers: HandlerRooms


async def open_rooms(
    settings: Settings, data: Path, token: str, clock: Clock, stack: AsyncExitStack, sockets: StatsdSockets | None
) -> Rooms:
    workspace, leases, bootstrap, node = await _open_workspace(settings, data, token, clock, stack)
    keys = await asyncio.to_thread(wal_keys, settings, data)
    dead_letters = await asyncio.to_thread(DeadLetters, data / "dead-letters", clock, keys)
    privacy, cleaner = await open_privacy(settings, workspace, leases, stack)
    dead_letters.parks_by(Parking(lambda: privacy.policy, keeps_unread=keys.newest is not None))
    attention = Attention(clock)
    wal = await _open_log(settings, data, dead_letters, attention, clock, keys, stack)
    store, engine = await _open_store(settings, data, attention, stack)
    retention = RetentionKeeper(settings.retention_days(), partial(apply_retention, store), workspace)
    await retention.open()

    opening = await _begin_opening(store, retention, leases, stack, at_once=engine is not None)
    environments = EnvironmentNames()
    scraper = Scraper(PlanFiles(settings.plan, settings.scrape_directories()), clock)
    forwarder = _forwarder(settings, data, wal, workspace, privacy, clock, node, keys)
    derived = DerivedCatalogue()
    guard, monitors = _monitors(settings, workspace, clock, stack)
    costs = Costs()
    metrics = _metrics(settings, store, costs, derived, wal)
    stack.callback(metrics.asking.close)
    blobs, replays = _replays(settings, data, workspace, privacy, clock)
    spending = spending_rooms(store, costs, replays.ledger, clock)
    budgets = CostKeeper(spending.watched, lambda: spending.plan.exchange.base, clock)
    watch = open_watch(workspace, metrics, wal, clock, node=node_id(data))
    boards = PlanBoards()
    fields = FieldSweeper(FieldRetention(store), workspace, clock, lambda: privacy.kept_shorter)

    def put_privacy(section: Privacy) -> None:
        privacy.put(section)
        fields.look()

    effects = [
        retention_effect(retention.plan),
        privacy_effect(put_privacy),
        environments_effect(environments.put),
        scrape_effect(scraper.configure),
        forward_effect(partial(_forward, forwarder)),
        derived_effect(derived.put),
        probes_effect(monitors.configure_probes),
        heartbeats_effect(monitors.heartbeats.configure),
        status_page_effect(monitors.status.configure),
        replays_effect(replays.retention.plan),
        files_effect(DASHBOARD_FILES.folder, boards.put),
        spending.plan.put,
        look_effect(budgets.look),
    ]
    delivery = await open_delivery(settings, workspace, watch, guard, leases, clock, stack)
    monitors.mails_by(delivery.mailer, delivery.links, delivery.external_url)
    copied = CopiedLog(wal, data / "wal")
    series_max = SeriesMax(settings.series_per_metric, settings.series_per_key)

    def policy() -> Policy:
        return Policy(retention.days, privacy.pattern, settings.ahead, series_max, privacy.looks)

    writer = Writer(copied, store, clock, writer_id=node_id(data), policy=policy, cleaner=cleaner)
    releases = open_release_rooms(workspace, blobs, data, clock)
    trackers = TrackerDesk(guard, PlanFiles(settings.plan, settings.scrape_directories()), delivery.external_url)
    issues = open_issue_rooms(
        copied,
        wal,
        store,
        writer,
        workspace,
        dead_letters,
        releases,
        replays.keeper,
        delivery,
        watch.alerts.put,
        trackers,
        costs,
        blobs,
        clock,
        days=lambda: retention.days[Signal.ERRORS],
        privacy=lambda: privacy.policy,
        keys=keys,
    )
    stack.callback(issues.digester.close)
    events = open_event_rooms(
        store,
        writer,
        workspace,
        derived,
        guard,
        PlanFiles(settings.plan, settings.scrape_directories()),
        clock,
        days=lambda: retention.days[Signal.DOMAIN_EVENTS],
    )
    effects += [*watch.effects(), *delivery.effects(), *issues.effects(), *events.effects()]
    lint = _stored_lint(metrics, StoreReader(store, costs, QueryClass.PAGE), clock)
    plan, plan_watch = await _open_plan(settings, workspace, effects, lint)
    verify = open_verify(lambda: plan.in_force.plan, store, costs, watch, workspace.drills, monitors, stack)

    ingest = _ingest(settings, workspace, wal, clock, stack, node=node)
    _join_monitors(monitors, ingest)
    return Rooms(
        workspace=workspace,
        bootstrap=bootstrap,
        dead_letters=dead_letters,
        wal=wal,
        copied=copied,
        store=store,
        opening=opening,
        engine=engine,
        disk_guard=DiskGuard(store, data, settings.disk_reserve),
        retention=retention,
        environments=environments,
        plan=plan,
        boards=boards,
        plan_watch=plan_watch,
        series_max=series_max,
        writer=writer,
        limits=RunCounts(store, LIMITS, writer.run_label),
        leaks=RunCounts(store, LEAKS, writer.run_label),
        eraser=open_eraser(store, workspace, blobs, replays.desk, dead_letters, wal, leases, lambda: privacy.policy),
        fields=fields,
        leases=leases,
        edges=ServiceEdges(store, clock, retention_days=lambda: retention.days[Signal.TRACES]),
        ingest=ingest,
        costs=costs,
        spending=spending,
        budgets=budgets,
        metrics=metrics,
        watch=watch,
        delivery=delivery,
        statsd=None if sockets is None else _statsd_door(settings, sockets, ingest, workspace, clock),
        scraper=scraper,
        forwarder=forwarder,
        guard=guard,
        monitors=monitors,
        blobs=blobs,
        replays=replays,
        releases=releases,
        issues=issues,
        verify=verify,
        events=events,
        handlers=handler_rooms(
            workspace.database,
            HandlerErrors(store),
            lambda: privacy.pattern,
            clock,
            HandlerLimits(settings.handler_runs / 86_400, settings.handler_runs_per_hour, settings.handler_apps),
        ),
        sentry=SentryDoors(ingest, {"check_in": monitors.take_check_in}),
    )


async def _open_workspace(
    settings: Settings, data: Path, token: str, clock: Clock, stack: AsyncExitStack
) -> tuple[Workspace, Leases, Bootstrap, str]:
    """With what every server needs of it; the last is what this installation is called."""
    workspace = Workspace(Database(settings.database_url()), clock)
    await workspace.open()
    stack.push_async_callback(workspace.close)
    leases = Leases(workspace.database, clock, holder=node_id(data))
    # Several servers may share workspace and store, and start at once: one at a time makes what all of them need.
    async with leases.hold("bootstrap"):
        bootstrap = await workspace.bootstrap(
            admin_password=settings.admin_password or None,
            ingest_key=settings.ingest_key or None,
            api_token=settings.api_token or None,
            node=node_id(data),
            node_token=None if settings.api_token else token,
        )
        node = await workspace.identity()
    log.info("check.passed", part="database", answer=workspace.database.name)
    return workspace, leases, bootstrap, node


async def _begin_opening(
    store: Store, retention: RetentionKeeper, leases: Leases, stack: AsyncExitStack, *, at_once: bool
) -> Opening:
    """Tables and retention, `at_once` or as soon as a store elsewhere answers."""

    async def prepare() -> None:
        async with leases.hold("schema"):
            await migrate(store)
            await retention.put_in_force()

    opening = Opening(store, prepare)
    if at_once:
        await opening.attempt()
    else:
        stack.push_async_callback(opening.close)
        await opening.begin()
    return opening


def _ingest(
    settings: Settings, workspace: Workspace, wal: WriteAheadLog, clock: Clock, stack: AsyncExitStack, *, node: str
) -> Ingest:
    admission = Admission(
        workspace.keys,
        clock,
        items_per_second=settings.items_per_second,
        browser_items_per_second=settings.browser_items_per_second,
    )
    ingest = Ingest(admission, wal, clock, node=node)
    stack.callback(ingest.close)
    return ingest


async def _open_log(
    settings: Settings,
    data: Path,
    dead_letters: DeadLetters,
    attention: Attention,
    clock: Clock,
    keys: WalKeys,
    stack: AsyncExitStack,
) -> WriteAheadLog:
    wal = WriteAheadLog(
        data / "wal",
        dead_letters,
        clock,
        keys,
        bytes_max=settings.wal_bytes_max,
        # Half of it: the guard gives up the oldest days first, and only then is new data refused.
        disk_reserve_bytes=settings.disk_reserve // 2,
        attention=attention,
    )
    await wal.open()
    stack.push_async_callback(wal.close)
    log.info("check.passed", part="wal", segments_waiting=wal.segments_waiting)
    return wal


def _stored_lint(metrics: MetricRooms, reader: StoreReader, clock: Clock) -> StoredLint:
    look_back = LookBack(range_arrays(metrics.asking.engine, metrics.queries), clock)
    return StoredLint(SentMetrics(metrics.lists, reader, clock).sent, look_back)


async def _open_plan(
    settings: Settings, workspace: Workspace, effects: Sequence[Effect], lint: StoredLint
) -> tuple[PlanKeeper, PlanWatch]:
    """What was in force before, and then what the directory has now."""
    plan = PlanKeeper(workspace, effects, READERS, CHECKS, lint)
    await plan.open()
    watch = PlanWatch(plan, settings.plan)
    await watch.look()
    return plan, watch


def _metrics(
    settings: Settings, store: Store, costs: Costs, derived: DerivedCatalogue, wal: WriteAheadLog
) -> MetricRooms:
    options = EngineOptions().with_features(settings.promql_feature_names())
    return metric_rooms(store, costs, options, derived, forget=wal.forget_repeats)


def _statsd_door(
    settings: Settings, sockets: StatsdSockets, ingest: Ingest, workspace: Workspace, clock: Clock
) -> StatsdDoor:
    """With the setting's key, looked up at each flush, since keys are made and revoked while the server runs."""
    own = IngestGrant("dogstatsd", "dogstatsd", 1, None, (), None)

    def grant() -> IngestGrant:
        if not settings.statsd_key:
            return own
        found = workspace.keys.find(settings.statsd_key)
        if found is None:
            raise Unauthorized("statsd_key: the ingest key is not known; keys are under Settings → Keys")
        return found

    flush_seconds = settings.statsd_flush
    return StatsdDoor(sockets, ingest.put, grant, clock, instance=socket.gethostname(), flush_seconds=flush_seconds)


def _monitors(
    settings: Settings, workspace: Workspace, clock: Clock, stack: AsyncExitStack
) -> tuple[Guard, MonitorRooms]:
    guard = Guard(Reach.parse(settings.private_networks))
    stack.callback(guard.close)
    files = PlanFiles(settings.plan, settings.scrape_directories())
    return guard, monitor_rooms(workspace, guard, files, clock)


def _join_monitors(monitors: MonitorRooms, ingest: Ingest) -> None:
    """What they find goes in as series; the SDK's heartbeats come with logs."""
    monitors.writes_to(ingest.put)
    ingest.listen(SegmentKind.OTLP_LOGS, HEARTBEAT_MARKER, monitors.bridge.hear)


def _forwarder(
    settings: Settings,
    data: Path,
    wal: WriteAheadLog,
    workspace: Workspace,
    privacy: PrivacyInForce,
    clock: Clock,
    node: str,
    keys: WalKeys,
) -> Forwarder:
    forwarder = Forwarder(
        data / "forward",
        PlanFiles(settings.plan, settings.scrape_directories()),
        clock,
        node=node,
        key_names=workspace.keys.names,
        policy=lambda: privacy.policy,
        disk_reserve_bytes=settings.disk_reserve,
        keys=keys,
    )
    wal.follow(forwarder)
    return forwarder


async def _forward(forwarder: Forwarder, destinations: Destinations, environments: Environments) -> None:
    names = EnvironmentNames()
    names.put(environments)
    await forwarder.configure(Wanted(destinations, names.every))


def _replays(
    settings: Settings, data: Path, workspace: Workspace, privacy: PrivacyInForce, clock: Clock
) -> tuple[Blobs, ReplayRooms]:
    blobs = open_blobs(settings.blobs, data / "blobs")
    days, bytes_max = settings.replays / 86_400, settings.replays_bytes_max
    rooms = replay_rooms(workspace.database, blobs, lambda: privacy.policy, clock, days=days, bytes_max=bytes_max)
    return blobs, rooms


async def _open_store(
    settings: Settings, data: Path, attention: Attention, stack: AsyncExitStack
) -> tuple[Store, EngineSupervisor | None]:
    engine = None
    if settings.store == "chdb":
        wal = data / "wal"
        engine = EngineSupervisor(
            data / "store", memory_bytes=settings.memory_bytes(), body_dirs=[wal], backups_dir=data / "backups"
        )
        await engine.start()
        stack.push_async_callback(engine.stop)
        target = Target("127.0.0.1", engine.port, engine.user, engine.password, takes_body_files=True)
    else:
        target = Target.from_url(settings.store)
    store = Store(target, memory_bytes=settings.memory_bytes(), attention=attention)
    stack.push_async_callback(store.close)
    return store, engine
