"""What watches from outside, put together."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from midwatch.contract.plan.sections.probes import Probes
from midwatch.contract.plan.sections.probing import Probing
from midwatch.server.model.actor import IngestGrant
from midwatch.server.model.clock import Clock
from midwatch.server.model.mail import Post
from midwatch.server.model.measure import Measure
from midwatch.server.monitors.heartbeats.bridges import SdkBridge, take_check_in
from midwatch.server.monitors.heartbeats.desk import ALIVE, Alive, HeartbeatDesk
from midwatch.server.monitors.probes.asking import Asker
from midwatch.server.monitors.probes.assignments import Assignments
from midwatch.server.monitors.probes.desk import ProbeDesk
from midwatch.server.monitors.probes.prober import Prober, Tell
from midwatch.server.monitors.probes.surroundings import LoopLag, Surroundings
from midwatch.server.monitors.probes.views import ProbeViews
from midwatch.server.monitors.series import Put
from midwatch.server.monitors.status_page.desk import StatusDesk
from midwatch.server.monitors.status_page.mailing import Mailing
from midwatch.server.monitors.status_page.subscriptions import Signer, SubscriptionDesk
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.outgoing.reach import Guard
from midwatch.server.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class MonitorRooms:
    probes: ProbeDesk
    views: ProbeViews
    asker: Asker
    lag: LoopLag
    around: Surroundings
    heartbeats: HeartbeatDesk
    bridge: SdkBridge
    status: StatusDesk
    subscriptions: SubscriptionDesk
    mailing: Mailing

    def configure_probes(self, probes: Probes, probing: Probing) -> None:
        """An effect of the plan."""
        self.around.configure(probing.reference_targets, probes)
        self.probes.configure(probes, probing)

    def assignments(self, written: Callable[[], tuple[Mapping[str, Any], int]], files: PlanFiles) -> Assignments:
        """`written`: the plan in force as its files have it, and its version."""
        return Assignments(self.probes, written, files)

    def writes_to(self, put: Put) -> None:
        self.probes.writes_to(put)
        self.heartbeats.writes_to(put)

    def mails_by(self, post: Post, links: Signer, external_url: Callable[[], str]) -> None:
        """What the status page sends subscribers."""
        self.subscriptions.joins(post, links, external_url)

    async def take_check_in(self, grant: IngestGrant, payload: bytes) -> None:
        """An item of Sentry's envelopes."""
        await take_check_in(self.heartbeats, grant, payload)

    async def run_probes(self) -> None:
        """Under a lease, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.lag.run())
            group.create_task(self.probes.run())

    def measures(self) -> Iterable[Measure]:
        yield from self.probes.measures()
        yield from self.heartbeats.measures()
        yield from self.mailing.measures()


def monitor_rooms(workspace: Workspace, guard: Guard, files: PlanFiles, clock: Clock) -> MonitorRooms:
    asker, around, lag = Asker(guard, files, clock), Surroundings(guard, clock), LoopLag(clock)

    def make_prober(tell: Tell, location: str) -> Prober:
        return Prober(asker, around, lag, clock, tell, location=location)

    desk = ProbeDesk(workspace.probes, workspace.monitor_days, make_prober, clock)
    views = ProbeViews(desk, workspace.probes, workspace.monitor_days, clock)
    heartbeats = HeartbeatDesk(workspace.heartbeats, workspace.monitor_days, _alive(workspace), clock)
    status = _status(workspace, clock)
    subscriptions = SubscriptionDesk(workspace.status_subscriptions, status)
    return MonitorRooms(
        probes=desk,
        views=views,
        asker=asker,
        lag=lag,
        around=around,
        heartbeats=heartbeats,
        bridge=SdkBridge(heartbeats),
        status=status,
        subscriptions=subscriptions,
        mailing=Mailing(workspace.status_mails, status, subscriptions, clock),
    )


def _status(workspace: Workspace, clock: Clock) -> StatusDesk:
    probes, heartbeats, days = workspace.probes, workspace.heartbeats, workspace.monitor_days
    return StatusDesk(workspace.status_page, probes, heartbeats, days, clock)


def _alive(workspace: Workspace) -> Alive:
    async def get() -> int | None:
        document = await workspace.get_document(ALIVE)
        return None if document is None else int(document.value["at_ns"])

    async def put(at_ns: int) -> None:
        await workspace.put_document(ALIVE, {"at_ns": at_ns}, "midwatch")

    return Alive(get, put)
