"""The composition root: the only file that knows every concrete class. Starts everything, stops it in reverse."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc.aio
import structlog
import uvicorn
from fastapi import APIRouter, FastAPI

from midwatch._version import __version__
from midwatch.contract.privacy import deny_pattern
from midwatch.server.config import Settings
from midwatch.server.dashboards.desk import DashboardDesk, PlanBoards
from midwatch.server.dashboards.files import DASHBOARD_FILES
from midwatch.server.data_directory import Urls, data_lock, described, node_id
from midwatch.server.engine.supervisor import EngineSupervisor
from midwatch.server.http.api import build_api, build_doors
from midwatch.server.http.auth import Guard
from midwatch.server.http.errors import counted_refusals
from midwatch.server.http.routes.auth import auth_routes
from midwatch.server.http.routes.dashboards import dashboards_routes
from midwatch.server.http.routes.health import health_routes
from midwatch.server.http.routes.jaeger import jaeger_routes
from midwatch.server.http.routes.loki import loki_routes
from midwatch.server.http.routes.loki_tail import loki_tail_routes
from midwatch.server.http.routes.page import page_routes
from midwatch.server.http.routes.people import people_routes
from midwatch.server.http.routes.plan import plan_routes
from midwatch.server.http.routes.prometheus import prometheus_routes
from midwatch.server.http.routes.reading import logs_routes, services_routes, sql_routes, traces_routes
from midwatch.server.http.routes.system import system_routes
from midwatch.server.http.routes.targets import targets_routes
from midwatch.server.http.scope_params import Scopes
from midwatch.server.ingest.admission import Admission
from midwatch.server.ingest.doors import ndjson_doors, otlp_doors, otlp_elsewhere
from midwatch.server.ingest.grpc import serve_grpc
from midwatch.server.ingest.ingest import Ingest
from midwatch.server.ingest.loki_doors import loki_doors
from midwatch.server.ingest.prometheus_doors import prometheus_doors
from midwatch.server.ingest.statsd import StatsdDoor
from midwatch.server.ingest.statsd_sockets import StatsdSockets, open_sockets
from midwatch.server.leases.leases import Leases
from midwatch.server.listening import listen, require_ports, server_for, shown, url_of
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.attention import Attention
from midwatch.server.model.clock import Clock, WallClock
from midwatch.server.model.errors import Unauthorized
from midwatch.server.model.measure import Counts, MeasureSource
from midwatch.server.model.signal import Signal
from midwatch.server.plan.effects import (
    environments_effect,
    files_effect,
    privacy_effect,
    retention_effect,
    scrape_effect,
)
from midwatch.server.plan.environments import EnvironmentNames
from midwatch.server.plan.keeper import PlanKeeper
from midwatch.server.plan.watch import PlanWatch
from midwatch.server.promql import EngineOptions
from midwatch.server.query.costs import Costs, CountedSource, CountedTables
from midwatch.server.query.fields import FieldQueries
from midwatch.server.query.logql.tail import LogQLTail
from midwatch.server.query.logs import LogQueries
from midwatch.server.query.metrics.rooms import MetricRooms, metric_rooms
from midwatch.server.query.services import ServiceQueries
from midwatch.server.query.sql import SqlQueries
from midwatch.server.query.tail import LogTail
from midwatch.server.query.traces import TraceQueries
from midwatch.server.scrape.files import PlanFiles
from midwatch.server.scrape.scraper import Scraper
from midwatch.server.status.backup import BackupDesk
from midwatch.server.status.checks import STORE_CHECK, Checks, disk_check, wal_check
from midwatch.server.status.letters import LetterDesk
from midwatch.server.status.retention import RetentionKeeper
from midwatch.server.status.system import Refusal, SystemView
from midwatch.server.store.address import Target
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.edges import ServiceEdges
from midwatch.server.store.limits import StoredLimits
from midwatch.server.store.migrate import migrate
from midwatch.server.store.opening import Opening
from midwatch.server.store.protection import DiskGuard
from midwatch.server.store.retention import apply_retention
from midwatch.server.store.writer import Policy, Writer
from midwatch.server.wal.copies import CopiedLog
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.wal.log import WriteAheadLog
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.secrets import TOKEN_PREFIX, new_secret
from midwatch.server.workspace.workspace import Bootstrap, Workspace

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 10.0


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
    writer: Writer
    limits: StoredLimits
    leases: Leases
    edges: ServiceEdges
    ingest: Ingest
    costs: Costs
    metrics: MetricRooms
    statsd: StatsdDoor | None
    scraper: Scraper


async def serve(settings: Settings, stop: asyncio.Event, *, clock: Clock | None = None) -> None:
    """Run until `stop` is set; then take in nothing more, finish what runs, and leave the rest to the next start.

    Raises:
        Unavailable: a part that is needed does not start; the message says which and why.
    """
    clock = clock or WallClock()
    data = settings.data.absolute()
    async with AsyncExitStack() as stack:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        stack.enter_context(data_lock(data))
        names = ("port", "otlp_http_port", "otlp_grpc_port")
        require_ports(settings.host, {name: getattr(settings, name) for name in names})
        log.info("midwatch.starting", version=__version__, data=str(data))
        sockets = open_sockets(
            settings.host, settings.statsd_port, settings.statsd_socket, settings.statsd_stream_socket
        )
        local_token = settings.api_token or new_secret(TOKEN_PREFIX)
        rooms = await _open_rooms(settings, data, local_token, clock, stack, sockets)
        urls = Urls(api_url="")
        doors = [
            *otlp_doors(rooms.ingest),
            *ndjson_doors(rooms.ingest),
            *loki_doors(rooms.ingest),
            *prometheus_doors(rooms.ingest),
        ]
        refused = counted_refusals()
        api = build_api(doors=doors, routers=_routers(rooms, settings, data, urls, clock, refused), refused=refused)
        async with asyncio.TaskGroup() as group:
            working = [
                group.create_task(_when_open(rooms.opening, rooms.writer.run), name="writer"),
                group.create_task(rooms.plan_watch.run(), name="plan"),
                group.create_task(_when_open(rooms.opening, partial(_draw_edges, rooms)), name="edges"),
                group.create_task(_when_open(rooms.opening, rooms.limits.run), name="limits"),
            ]
            scraping = group.create_task(_scrape(rooms), name="scrape")
            working.append(scraping)
            if rooms.statsd is not None and sockets is not None:
                working.append(group.create_task(rooms.statsd.run(), name="statsd"))
                if sockets.udp_port is not None:
                    urls.statsd_url = f"udp://{shown(settings.host)}:{sockets.udp_port}"
            if rooms.engine is not None:
                working.append(group.create_task(rooms.disk_guard.run(), name="disk"))
            servers, grpc_server = await _listen_everywhere(settings, api, rooms.ingest, urls, group)
            with described(data, urls, local_token):
                _announce(urls, rooms.bootstrap, by_password=bool(settings.admin_password))
                await stop.wait()
            log.info("midwatch.stopping")
            if grpc_server is not None:
                await grpc_server.stop(grace=5)
            for server in servers:
                server.should_exit = True
            # What brings in data by itself ends before the rest is stored.
            scraping.cancel()
            if rooms.statsd is not None:
                await rooms.statsd.close()
            if rooms.opening.done.is_set():
                await _drained(rooms.wal)
            for task in working:
                task.cancel()
        log.info("midwatch.stopped")


async def _open_rooms(
    settings: Settings, data: Path, token: str, clock: Clock, stack: AsyncExitStack, sockets: StatsdSockets | None
) -> Rooms:
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
    log.info("check.passed", part="database", answer=workspace.database.name)

    dead_letters = DeadLetters(data / "dead-letters", clock)
    attention = Attention(clock)
    wal = WriteAheadLog(
        data / "wal",
        dead_letters,
        clock,
        bytes_max=settings.wal_bytes_max,
        # Half of it: the guard gives up the oldest days first, and only then is new data refused.
        disk_reserve_bytes=settings.disk_reserve // 2,
        attention=attention,
    )
    await wal.open()
    stack.push_async_callback(wal.close)
    log.info("check.passed", part="wal", segments_waiting=wal.segments_waiting)

    store, engine = await _open_store(settings, data, attention, stack)
    retention = RetentionKeeper(settings.retention_days(), partial(apply_retention, store), workspace)
    await retention.open()

    async def prepare() -> None:
        async with leases.hold("schema"):
            await migrate(store)
            await retention.put_in_force()

    opening = Opening(store, prepare)
    if engine is not None:
        await opening.attempt()
    else:
        stack.push_async_callback(opening.close)
        await opening.begin()

    privacy = _Privacy(deny_pattern())
    environments = EnvironmentNames()
    scraper = Scraper(PlanFiles(settings.plan, settings.scrape_directories()), clock)
    effects = [
        retention_effect(retention.plan),
        privacy_effect(privacy.put),
        environments_effect(environments.put),
        scrape_effect(scraper.configure),
    ]
    boards = PlanBoards()
    effects.append(files_effect(DASHBOARD_FILES.folder, boards.put))
    plan = PlanKeeper(workspace, effects, [DASHBOARD_FILES])
    await plan.open()
    plan_watch = PlanWatch(plan, settings.plan)
    await plan_watch.look()

    def policy() -> Policy:
        return Policy(retention.days, privacy.pattern, settings.ahead)

    copied = CopiedLog(wal, data / "wal")
    writer = Writer(copied, store, clock, writer_id=node_id(data), policy=policy)
    admission = Admission(
        workspace.keys,
        clock,
        items_per_second=settings.items_per_second,
        browser_items_per_second=settings.browser_items_per_second,
    )
    ingest = Ingest(admission, wal, clock)
    stack.callback(ingest.close)
    costs = Costs()
    options = EngineOptions().with_features(settings.promql_feature_names())
    metrics = metric_rooms(store, costs, options, forget=wal.forget_repeats)
    stack.callback(metrics.asking.close)
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
        writer=writer,
        limits=StoredLimits(store, writer.run_label),
        leases=leases,
        edges=ServiceEdges(store, clock, retention_days=lambda: retention.days[Signal.TRACES]),
        ingest=ingest,
        costs=costs,
        metrics=metrics,
        statsd=None if sockets is None else _statsd_door(settings, sockets, ingest, workspace, clock),
        scraper=scraper,
    )


def _routers(
    rooms: Rooms, settings: Settings, data: Path, urls: Urls, clock: Clock, refused: Counts
) -> list[APIRouter]:
    """Every route of the main port but the doors; the page's catch-all comes last."""
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
    )
    guard, scopes = Guard(workspace), Scopes(clock, rooms.environments)
    costs = rooms.costs
    source, tables = CountedSource(store, costs), CountedTables(partial(store.table, query_class=QueryClass.SQL), costs)
    traces, services = TraceQueries(source, clock, rooms.wal.waiting), ServiceQueries(source)
    desk = LetterDesk(rooms.dead_letters, rooms.wal, workspace, workspace.keys.names)
    measured: list[MeasureSource] = [
        rooms.ingest,
        rooms.wal,
        rooms.writer,
        rooms.limits,
        rooms.disk_guard,
        costs,
        refused,
    ]
    measured.append(rooms.scraper)
    if rooms.statsd is not None:
        measured.append(rooms.statsd)
    if engine is not None:
        measured.append(engine)
    return [
        health_routes(checks, measured),
        auth_routes(workspace, guard),
        people_routes(workspace, guard),
        system_routes(view, guard, rooms.retention, desk, backups, workspace.keys, urls, clock),
        plan_routes(rooms.plan, guard),
        dashboards_routes(DashboardDesk(workspace.dashboards, rooms.boards), guard),
        targets_routes(rooms.scraper.targets, guard),
        logs_routes(LogQueries(source), LogTail(source, clock, rooms.wal.waiting), guard, scopes),
        traces_routes(traces, guard, scopes),
        services_routes(services, FieldQueries(source), guard, scopes),
        sql_routes(SqlQueries(tables), guard, scopes),
        jaeger_routes(traces, services, source, guard, clock),
        *loki_routes(source, guard, clock),
        loki_tail_routes(LogQLTail(source, clock, rooms.wal.waiting), guard, clock),
        *prometheus_routes(rooms.metrics, rooms.scraper.targets, guard, rooms.environments, clock),
        page_routes(),
    ]


def _refusals(rooms: Rooms) -> list[Refusal]:
    """What doors refused since start."""
    found = [
        Refusal(key, signal, reason, refusal.count, refusal.last_ns)
        for (key, signal, reason), refusal in rooms.ingest.refused.items()
    ]
    if rooms.statsd is not None:
        dropped = rooms.statsd.dropped
        found += [Refusal("", Signal.METRICS, reason, one.count, one.last_ns) for reason, one in dropped.items()]
    return found


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


async def _listen_everywhere(
    settings: Settings, api: FastAPI, ingest: Ingest, urls: Urls, group: asyncio.TaskGroup
) -> tuple[list[uvicorn.Server], grpc.aio.Server | None]:
    """Open the ports and write their addresses into `urls`."""
    main = listen(settings.host, settings.port)
    urls.api_url = settings.external_url or url_of(settings.host, main)
    trusted = settings.trusted_networks()
    servers = [server_for(api, trusted)]
    group.create_task(servers[0].serve(sockets=[main]), name="http")
    if settings.otlp_http_port >= 0:
        otlp = listen(settings.host, settings.otlp_http_port)
        urls.otlp_http_url = url_of(settings.host, otlp)
        servers.append(server_for(build_doors(otlp_doors(ingest), otlp_elsewhere), trusted))
        group.create_task(servers[1].serve(sockets=[otlp]), name="otlp-http")
    if settings.otlp_grpc_port < 0:
        return servers, None
    grpc_server, port = await serve_grpc(ingest, settings.host, settings.otlp_grpc_port)
    urls.otlp_grpc_url = f"http://{shown(settings.host)}:{port}"
    return servers, grpc_server


class _Privacy:
    """The pattern of private keys in force."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def put(self, pattern: str) -> None:
        self.pattern = pattern


async def _drained(wal: WriteAheadLog) -> None:
    """Give the writer a moment to store what waits; what is left is stored at the next start."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while wal.segments_waiting:  # noqa: ASYNC110 - the log has no event for "empty", and this is the last act
                await asyncio.sleep(0.05)


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


async def _when_open(opening: Opening, work: Callable[[], Awaitable[None]]) -> None:
    """Not before the store has all of its tables and views: what came earlier would miss some of them."""
    await opening.done.wait()
    await work()


async def _scrape(rooms: Rooms) -> None:
    await rooms.leases.run("scrape", lambda lease: rooms.scraper.run(lease, rooms.ingest.put))


async def _draw_edges(rooms: Rooms) -> None:
    await rooms.leases.run("service-edges", lambda _: rooms.edges.run())


def _announce(urls: Urls, bootstrap: Bootstrap, *, by_password: bool) -> None:
    log.info("midwatch.ready", url=urls.api_url, otlp_http=urls.otlp_http_url, otlp_grpc=urls.otlp_grpc_url)
    if bootstrap.signin_token is not None:
        link = f"{urls.api_url}/signin?token={bootstrap.signin_token}"
        log.info("midwatch.sign_in", link=link, valid="once, for 72 hours")
    elif by_password:
        log.info("midwatch.sign_in", email=bootstrap.admin_email, credential="the password that was set")
