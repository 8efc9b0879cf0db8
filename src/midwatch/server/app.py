"""The composition root: the only file that knows every concrete class. Starts everything, stops it in reverse."""

import asyncio
import contextlib
import fcntl
import json
import os
import secrets
import signal as signals
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import grpc.aio
import structlog
import uvicorn
from fastapi import APIRouter, FastAPI

from midwatch._version import __version__
from midwatch.contract.privacy import deny_pattern
from midwatch.server.config import Settings
from midwatch.server.engine.supervisor import EngineSupervisor
from midwatch.server.http.api import build_api, build_doors
from midwatch.server.http.auth import Guard
from midwatch.server.http.routes.auth import auth_routes
from midwatch.server.http.routes.health import health_routes
from midwatch.server.http.routes.jaeger import jaeger_routes
from midwatch.server.http.routes.page import page_routes
from midwatch.server.http.routes.people import people_routes
from midwatch.server.http.routes.plan import plan_routes
from midwatch.server.http.routes.reading import logs_routes, services_routes, sql_routes, traces_routes
from midwatch.server.http.routes.system import system_routes
from midwatch.server.ingest.admission import Admission
from midwatch.server.ingest.doors import ndjson_doors, otlp_doors
from midwatch.server.ingest.grpc import serve_grpc
from midwatch.server.ingest.ingest import Ingest
from midwatch.server.leases.leases import Leases
from midwatch.server.listening import listen, server_for, shown, url_of
from midwatch.server.model.clock import Clock, WallClock
from midwatch.server.model.errors import Unavailable
from midwatch.server.model.measure import MeasureSource
from midwatch.server.model.signal import Signal
from midwatch.server.plan.effects import privacy_effect, retention_effect
from midwatch.server.plan.keeper import PlanKeeper
from midwatch.server.plan.watch import PlanWatch
from midwatch.server.query.fields import FieldQueries
from midwatch.server.query.logs import LogQueries
from midwatch.server.query.services import ServiceQueries
from midwatch.server.query.sql import SqlQueries
from midwatch.server.query.traces import TraceQueries
from midwatch.server.status.checks import Checks, disk_check
from midwatch.server.status.letters import LetterDesk
from midwatch.server.status.retention import RetentionKeeper
from midwatch.server.status.system import Refusal, SystemView
from midwatch.server.store.address import Target
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.edges import ServiceEdges
from midwatch.server.store.migrate import migrate
from midwatch.server.store.opening import Opening
from midwatch.server.store.protection import DiskGuard
from midwatch.server.store.retention import apply_retention
from midwatch.server.store.writer import Policy, Writer
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.wal.log import WriteAheadLog
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.secrets import TOKEN_PREFIX, new_secret
from midwatch.server.workspace.workspace import Workspace

log = structlog.get_logger(__name__)

DESCRIPTION_FILE = "server.json"
"""Where a running server is, and a token of its owner's, for the command line; readable by the owner only."""
WAL_CHECK_SECONDS = 120.0
DRAIN_SECONDS = 10.0


@dataclass(slots=True)
class Urls:
    api_url: str
    otlp_http_url: str | None = None
    otlp_grpc_url: str | None = None


@dataclass(slots=True)
class Rooms:
    """Everything that is open while the server runs."""

    workspace: Workspace
    signin_token: str | None
    dead_letters: DeadLetters
    wal: WriteAheadLog
    store: Store
    opening: Opening
    engine: EngineSupervisor | None
    disk_guard: DiskGuard
    retention: RetentionKeeper
    plan: PlanKeeper
    plan_watch: PlanWatch
    writer: Writer
    leases: Leases
    edges: ServiceEdges
    ingest: Ingest


async def serve(settings: Settings, stop: asyncio.Event, *, clock: Clock | None = None) -> None:
    """Run until `stop` is set; then take in nothing more, finish what runs, and leave the rest to the next start.

    Raises:
        Unavailable: a part that is needed does not start; the message says which and why.
    """
    clock = clock or WallClock()
    data = settings.data.absolute()
    async with AsyncExitStack() as stack:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        stack.enter_context(_data_lock(data))
        log.info("midwatch.starting", version=__version__, data=str(data))
        local_token = settings.api_token or new_secret(TOKEN_PREFIX)
        rooms = await _open_rooms(settings, data, local_token, clock, stack)
        urls = Urls(api_url="")
        doors = [*otlp_doors(rooms.ingest), *ndjson_doors(rooms.ingest)]
        api = build_api(doors=doors, routers=_routers(rooms, settings, data, urls, clock))
        async with asyncio.TaskGroup() as group:
            working = [
                group.create_task(_when_open(rooms.opening, rooms.writer.run), name="writer"),
                group.create_task(rooms.plan_watch.run(), name="plan"),
                group.create_task(_when_open(rooms.opening, partial(_draw_edges, rooms)), name="edges"),
            ]
            if rooms.engine is not None:
                working.append(group.create_task(rooms.disk_guard.run(), name="disk"))
            servers, grpc_server = await _listen_everywhere(settings, api, rooms.ingest, urls, group)
            with _described(data, urls, local_token):
                _announce(urls, rooms.signin_token)
                await stop.wait()
            log.info("midwatch.stopping")
            if grpc_server is not None:
                await grpc_server.stop(grace=5)
            for server in servers:
                server.should_exit = True
            await _drained(rooms.wal)
            for task in working:
                task.cancel()
        log.info("midwatch.stopped")


async def _open_rooms(settings: Settings, data: Path, token: str, clock: Clock, stack: AsyncExitStack) -> Rooms:
    workspace = Workspace(Database(_database_url(settings, data)), clock)
    await workspace.open()
    stack.push_async_callback(workspace.close)
    leases = Leases(workspace.database, clock, holder=_node_id(data))
    # Several servers may share workspace and store, and start at once: one at a time makes what all of them need.
    async with leases.hold("bootstrap"):
        bootstrap = await workspace.bootstrap(
            admin_password=settings.admin_password or None, ingest_key=settings.ingest_key or None, api_token=token
        )
    log.info("check.passed", part="database", answer=workspace.database.name)

    dead_letters = DeadLetters(data / "dead-letters", clock)
    wal = WriteAheadLog(
        data / "wal",
        dead_letters,
        clock,
        bytes_max=settings.wal_bytes_max,
        # Half of it: the guard gives up the oldest days first, and only then is new data refused.
        disk_reserve_bytes=settings.disk_reserve // 2,
    )
    await wal.open()
    stack.push_async_callback(wal.close)
    log.info("check.passed", part="wal", segments_waiting=wal.segments_waiting)

    store, engine = await _open_store(settings, data, stack)
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
    plan = PlanKeeper(workspace, [retention_effect(retention.plan), privacy_effect(privacy.put)])
    await plan.open()
    plan_watch = PlanWatch(plan, settings.plan)
    await plan_watch.look()

    def policy() -> Policy:
        return Policy(retention.days, privacy.pattern, settings.ahead)

    writer = Writer(wal, store, clock, writer_id=_node_id(data), policy=policy)
    admission = Admission(
        workspace.keys,
        clock,
        items_per_second=settings.items_per_second,
        browser_items_per_second=settings.browser_items_per_second,
    )
    ingest = Ingest(admission, wal, clock)
    stack.callback(ingest.close)
    return Rooms(
        workspace=workspace,
        signin_token=bootstrap.signin_token,
        dead_letters=dead_letters,
        wal=wal,
        store=store,
        opening=opening,
        engine=engine,
        disk_guard=DiskGuard(store, data, settings.disk_reserve),
        retention=retention,
        plan=plan,
        plan_watch=plan_watch,
        writer=writer,
        leases=leases,
        edges=ServiceEdges(store, clock, retention_days=lambda: retention.days[Signal.TRACES]),
        ingest=ingest,
    )


def _routers(rooms: Rooms, settings: Settings, data: Path, urls: Urls, clock: Clock) -> list[APIRouter]:
    """Every route of the main port but the doors; the page's catch-all comes last."""
    store, engine, workspace = rooms.store, rooms.engine, rooms.workspace
    checks = Checks(
        {
            "store": rooms.opening.check,
            "database": workspace.database.check,
            "wal": partial(_wal_check, rooms.wal),
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
        refusals=lambda: [
            Refusal(key, signal, reason, refusal.count, refusal.last_ns)
            for (key, signal, reason), refusal in rooms.ingest.refused.items()
        ],
        key_names=workspace.keys.names,
    )
    guard = Guard(workspace)
    traces, services = TraceQueries(store), ServiceQueries(store)
    desk = LetterDesk(rooms.dead_letters, rooms.wal, workspace, workspace.keys.names)
    sources: list[MeasureSource] = [rooms.ingest, rooms.wal, rooms.writer, rooms.disk_guard]
    if engine is not None:
        sources.append(engine)
    return [
        health_routes(checks, sources),
        auth_routes(workspace, guard),
        people_routes(workspace, guard),
        system_routes(view, guard, rooms.retention, desk, workspace.keys, urls, clock),
        plan_routes(rooms.plan, guard),
        logs_routes(LogQueries(store, clock), guard, clock),
        traces_routes(traces, guard, clock),
        services_routes(services, FieldQueries(store), guard, clock),
        sql_routes(SqlQueries(_SqlTables(store)), guard),
        jaeger_routes(traces, services, store, guard, clock),
        page_routes(),
    ]


async def _listen_everywhere(
    settings: Settings, api: FastAPI, ingest: Ingest, urls: Urls, group: asyncio.TaskGroup
) -> tuple[list[uvicorn.Server], grpc.aio.Server | None]:
    """Open the ports and write their addresses into `urls`."""
    main = listen(settings.host, settings.port)
    urls.api_url = settings.external_url or url_of(settings.host, main)
    servers = [server_for(api)]
    group.create_task(servers[0].serve(sockets=[main]), name="http")
    if settings.otlp_http_port >= 0:
        otlp = listen(settings.host, settings.otlp_http_port)
        urls.otlp_http_url = url_of(settings.host, otlp)
        servers.append(server_for(build_doors(otlp_doors(ingest))))
        group.create_task(servers[1].serve(sockets=[otlp]), name="otlp-http")
    if settings.otlp_grpc_port < 0:
        return servers, None
    grpc_server, port = await serve_grpc(ingest, settings.host, settings.otlp_grpc_port)
    urls.otlp_grpc_url = f"http://{shown(settings.host)}:{port}"
    return servers, grpc_server


def run(settings: Settings) -> None:
    """`midwatch up`: serve until SIGTERM or SIGINT."""
    _configure_logging(settings.log_format, settings.log_level)

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signals.SIGTERM, signals.SIGINT):
            loop.add_signal_handler(name, stop.set)
        await serve(settings, stop)

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main())


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


async def _wal_check(wal: WriteAheadLog) -> str:
    age = wal.oldest_waiting_seconds()
    if age > WAL_CHECK_SECONDS:
        raise OSError(f"the oldest data has waited {age:.0f} s for the store")
    return f"{wal.segments_waiting} segments wait"


class _SqlTables:
    """The store, asked in the class of users' SQL."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def table(self, sql: str, params: Any = None, *, settings: Any = None) -> Any:
        return await self._store.table(sql, params, query_class=QueryClass.SQL, settings=settings)


async def _open_store(settings: Settings, data: Path, stack: AsyncExitStack) -> tuple[Store, EngineSupervisor | None]:
    engine = None
    if settings.store == "chdb":
        wal = data / "wal"
        engine = EngineSupervisor(data / "store", memory_bytes=settings.memory_bytes(), body_dirs=[wal])
        await engine.start()
        stack.push_async_callback(engine.stop)
        target = Target("127.0.0.1", engine.port, engine.user, engine.password, takes_body_files=True)
    else:
        target = Target.from_url(settings.store)
    store = Store(target, memory_bytes=settings.memory_bytes())
    stack.push_async_callback(store.close)
    return store, engine


async def _when_open(opening: Opening, work: Callable[[], Awaitable[None]]) -> None:
    """Not before the store has all of its tables and views: what came earlier would miss some of them."""
    await opening.done.wait()
    await work()


async def _draw_edges(rooms: Rooms) -> None:
    await rooms.leases.run("service-edges", lambda _: rooms.edges.run())


def _database_url(settings: Settings, data: Path) -> str:
    return f"sqlite:///{data / 'workspace.db'}" if settings.database == "sqlite" else settings.database


@contextlib.contextmanager
def _data_lock(data: Path) -> Any:
    """One server per data directory; the kernel lets go of it however the process ends."""
    with (data / "midwatch.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unavailable(
                f"cannot start on {data}: another Midwatch uses this directory; stop it, or name another with --data"
            ) from None
        yield


def _node_id(data: Path) -> str:
    """This server's name among writers; stays with the data directory."""
    path = data / "node-id"
    if not path.exists():
        path.write_text(secrets.token_hex(8))
    return path.read_text()


@contextlib.contextmanager
def _described(data: Path, urls: Urls, token: str) -> Any:
    path = data / DESCRIPTION_FILE
    path.unlink(missing_ok=True)
    content = {
        "pid": os.getpid(),
        "url": urls.api_url,
        "otlp_http_url": urls.otlp_http_url,
        "otlp_grpc_url": urls.otlp_grpc_url,
        "token": token,
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _announce(urls: Urls, signin_token: str | None) -> None:
    log.info("midwatch.ready", url=urls.api_url, otlp_http=urls.otlp_http_url, otlp_grpc=urls.otlp_grpc_url)
    if signin_token is not None:
        log.info("midwatch.sign_in", link=f"{urls.api_url}/signin?token={signin_token}", valid="once, for 72 hours")


_TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
"""Without the values of local variables: passwords and keys are among them."""


def _configure_logging(log_format: str, log_level: str) -> None:
    """`auto` is readable on a terminal and JSON lines everywhere else."""
    readable = log_format == "console" or (log_format == "auto" and sys.stderr.isatty())
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(log_level),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.StackInfoRenderer() if readable else _TRACEBACKS,
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
            if readable
            else structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _loop_factory() -> Any:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


@asynccontextmanager
async def running(settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[dict[str, Any]]:
    """A whole server inside another program, for tests: yields what `server.json` says."""
    stop = asyncio.Event()
    task = asyncio.create_task(serve(settings, stop, clock=clock))
    path = settings.data / DESCRIPTION_FILE
    while not (path.exists() and path.stat().st_size):
        if task.done():
            await task
        await asyncio.sleep(0.02)
    try:
        yield json.loads(path.read_text())
    finally:
        stop.set()
        await task
