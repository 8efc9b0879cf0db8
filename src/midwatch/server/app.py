"""The life of a server: starts everything, listens, and stops it in reverse."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial

import grpc.aio
import structlog
import uvicorn
from fastapi import FastAPI

from midwatch._version import __version__
from midwatch.server.config import Settings
from midwatch.server.data_directory import Urls, data_lock, described
from midwatch.server.http.api import build_api, build_doors
from midwatch.server.http.errors import counted_refusals
from midwatch.server.http.routes.handler_doors import handler_doors
from midwatch.server.http.routes.health import metrics_page
from midwatch.server.http.routes.pings import cron_doors
from midwatch.server.http.status_place import Place
from midwatch.server.ingest.doors import ndjson_doors, otlp_doors, otlp_elsewhere
from midwatch.server.ingest.event_doors import event_doors
from midwatch.server.ingest.grpc import serve_grpc
from midwatch.server.ingest.loki_doors import loki_doors
from midwatch.server.ingest.posthog_doors import posthog_doors
from midwatch.server.ingest.prometheus_doors import prometheus_doors
from midwatch.server.ingest.statsd_sockets import open_sockets
from midwatch.server.listening import listen, require_ports, server_for, shown, url_of
from midwatch.server.model.clock import Clock, WallClock
from midwatch.server.rooms import Rooms, open_rooms
from midwatch.server.routers import measured, routers
from midwatch.server.scrape.own import OwnSeries
from midwatch.server.store.opening import Opening
from midwatch.server.wal.log import WriteAheadLog
from midwatch.server.workspace.secrets import TOKEN_PREFIX, new_secret
from midwatch.server.workspace.workspace import Bootstrap

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 10.0
LEAVE_SECONDS = 2.0
"""How long what brings in data by itself may take to say that its series end."""


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
        rooms = await open_rooms(settings, data, local_token, clock, stack, sockets)
        urls = Urls(api_url="")
        doors = [
            *otlp_doors(rooms.ingest),
            *ndjson_doors(rooms.ingest),
            *event_doors(rooms.ingest),
            *loki_doors(rooms.ingest),
            *prometheus_doors(rooms.ingest),
            *posthog_doors(rooms.ingest),
            *rooms.sentry.routes(),
            *cron_doors(rooms.monitors.heartbeats, rooms.sentry),
            *handler_doors(rooms.handlers.desk, rooms.ingest.admission),
        ]
        refused = counted_refusals()
        page = metrics_page(measured(rooms, refused))
        api = build_api(
            doors=doors,
            routers=routers(rooms, settings, data, urls, clock, page),
            refused=refused,
            status_place=partial(_status_place, rooms),
        )
        async with asyncio.TaskGroup() as group:
            working = [
                group.create_task(_when_open(rooms.opening, rooms.writer.run), name="writer"),
                group.create_task(rooms.plan_watch.run(), name="plan"),
                group.create_task(rooms.dead_letters.run(settings.dead_letters), name="dead-letters"),
                group.create_task(rooms.monitors.bridge.run(), name="sdk-heartbeats"),
                group.create_task(_dispatch(rooms), name="alerting"),
                group.create_task(rooms.watch.on_call.run(), name="on-call"),
                group.create_task(_notify(rooms), name="notify"),
                group.create_task(_mail(rooms), name="status-mails"),
                group.create_task(_sweep_replays(rooms), name="replays"),
                group.create_task(_when_open(rooms.opening, partial(_keep_handlers, rooms)), name="handlers"),
                group.create_task(_when_open(rooms.opening, partial(_draw_edges, rooms)), name="edges"),
                group.create_task(_when_open(rooms.opening, rooms.limits.run), name="limits"),
                group.create_task(_when_open(rooms.opening, rooms.leaks.run), name="leaks"),
                group.create_task(_when_open(rooms.opening, partial(_empty_fields, rooms)), name="fields"),
                group.create_task(_when_open(rooms.opening, rooms.issues.digester.run), name="digest"),
                group.create_task(_when_open(rooms.opening, partial(_follow_issues, rooms)), name="issues"),
            ]
            working.append(group.create_task(rooms.forwarder.run(), name="forward"))
            working.append(group.create_task(_when_open(rooms.opening, partial(_judge, rooms)), name="rules"))
            bringing = [
                group.create_task(_scrape(rooms), name="scrape"),
                group.create_task(_probe(rooms), name="probes"),
                group.create_task(_wait_for_heartbeats(rooms), name="heartbeats"),
                group.create_task(_when_open(rooms.opening, partial(_learn_bands, rooms)), name="anomaly"),
                group.create_task(_when_open(rooms.opening, partial(_watch_budgets, rooms)), name="costs"),
                group.create_task(_when_open(rooms.opening, partial(_follow_events, rooms)), name="events"),
            ]
            if settings.own_metrics:
                name = f"{socket.gethostname()}:{settings.port}"
                own = OwnSeries(lambda: page().decode(), clock, instance=name, seconds=settings.own_metrics)
                bringing.append(group.create_task(_when_open(rooms.opening, partial(own.run, rooms.ingest.put))))
            working += bringing
            if rooms.statsd is not None and sockets is not None:
                working.append(group.create_task(rooms.statsd.run(), name="statsd"))
                if sockets.udp_port is not None:
                    urls.statsd_url = f"udp://{shown(settings.host)}:{sockets.udp_port}"
            if rooms.engine is not None:
                working.append(group.create_task(rooms.disk_guard.run(), name="disk"))
            servers, grpc_server = await _listen_everywhere(settings, api, rooms, urls, group)
            rooms.watch.rules.surroundings.external_url = urls.api_url
            with described(data, urls, local_token):
                _announce(urls, rooms.bootstrap, by_password=bool(settings.admin_password))
                await stop.wait()
            log.info("midwatch.stopping")
            if grpc_server is not None:
                await grpc_server.stop(grace=5)
            for server in servers:
                server.should_exit = True
            # What brings in data by itself ends before the rest is stored.
            for task in bringing:
                task.cancel()
            await asyncio.wait(bringing, timeout=LEAVE_SECONDS)
            if rooms.statsd is not None:
                await rooms.statsd.close()
            if rooms.opening.done.is_set():
                await _drained(rooms.wal)
            for task in working:
                task.cancel()
        log.info("midwatch.stopped")


async def _listen_everywhere(
    settings: Settings, api: FastAPI, rooms: Rooms, urls: Urls, group: asyncio.TaskGroup
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
        # The SDK knows this port: its other question goes here, too.
        doors = [*otlp_doors(rooms.ingest), *handler_doors(rooms.handlers.desk, rooms.ingest.admission)]
        servers.append(server_for(build_doors(doors, otlp_elsewhere), trusted))
        group.create_task(servers[1].serve(sockets=[otlp]), name="otlp-http")
    if settings.otlp_grpc_port < 0:
        return servers, None
    grpc_server, port = await serve_grpc(rooms.ingest, settings.host, settings.otlp_grpc_port)
    urls.otlp_grpc_url = f"http://{shown(settings.host)}:{port}"
    return servers, grpc_server


async def _drained(wal: WriteAheadLog) -> None:
    """Give the writer a moment to store what waits; what is left is stored at the next start."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_SECONDS):
            while wal.segments_waiting:  # noqa: ASYNC110 - the log has no event for "empty", and this is the last act
                await asyncio.sleep(0.05)


async def _when_open(opening: Opening, work: Callable[[], Awaitable[None]]) -> None:
    """Not before the store has all of its tables and views: what came earlier would miss some of them."""
    await opening.done.wait()
    await work()


async def _scrape(rooms: Rooms) -> None:
    await rooms.leases.run("scrape", lambda lease: rooms.scraper.run(lease, rooms.ingest.put))


async def _judge(rooms: Rooms) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(rooms.watch.rules.follow(), name="rules-followed")
        await rooms.leases.run("rules", lambda _: rooms.watch.rules.run(rooms.ingest.put))


async def _learn_bands(rooms: Rooms) -> None:
    await rooms.leases.run("anomaly", lambda _: rooms.watch.bands.run(rooms.ingest.put))


async def _watch_budgets(rooms: Rooms) -> None:
    await rooms.leases.run("costs", lambda _: rooms.budgets.run(rooms.ingest.put))


async def _notify(rooms: Rooms) -> None:
    await rooms.leases.run("notify", lambda _: rooms.delivery.run())


async def _mail(rooms: Rooms) -> None:
    await rooms.leases.run("status-mails", lambda _: rooms.monitors.mailing.run())


async def _dispatch(rooms: Rooms) -> None:
    await rooms.leases.run("alerting", lambda _: rooms.watch.alerts.run())


async def _probe(rooms: Rooms) -> None:
    await rooms.leases.run("probes", lambda _: rooms.monitors.run_probes())


async def _wait_for_heartbeats(rooms: Rooms) -> None:
    await rooms.leases.run("heartbeats", lambda _: rooms.monitors.heartbeats.run())


async def _sweep_replays(rooms: Rooms) -> None:
    await rooms.leases.run("replays", lambda _: rooms.replays.sweeper.run())


async def _empty_fields(rooms: Rooms) -> None:
    await rooms.leases.run("fields", lambda _: rooms.fields.run())


async def _keep_handlers(rooms: Rooms) -> None:
    await rooms.leases.run("handlers", lambda _: rooms.handlers.keeper.run())


def _status_place(rooms: Rooms) -> Place:
    page = rooms.monitors.status.page
    return Place(page.path, page.host)


async def _follow_issues(rooms: Rooms) -> None:
    await rooms.leases.run("issues", lambda _: rooms.issues.follow())


async def _follow_events(rooms: Rooms) -> None:
    await rooms.leases.run("events", lambda _: rooms.events.follow(rooms.ingest.put))


async def _draw_edges(rooms: Rooms) -> None:
    await rooms.leases.run("service-edges", lambda _: rooms.edges.run())


def _announce(urls: Urls, bootstrap: Bootstrap, *, by_password: bool) -> None:
    log.info("midwatch.ready", url=urls.api_url, otlp_http=urls.otlp_http_url, otlp_grpc=urls.otlp_grpc_url)
    if bootstrap.signin_token is not None:
        link = f"{urls.api_url}/signin?token={bootstrap.signin_token}"
        log.info("midwatch.sign_in", link=link, valid="once, for 72 hours")
    elif by_password:
        log.info("midwatch.sign_in", email=bootstrap.admin_email, credential="the password that was set")
