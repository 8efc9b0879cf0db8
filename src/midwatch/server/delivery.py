"""Joins what decides who is told with what tells them: alerting, the outbox, and the channels of `notify/`."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from midwatch.contract.plan import Plan
from midwatch.contract.plan.sections import dead_mans_switch
from midwatch.server.alerting.acts import AlertActs
from midwatch.server.alerting.config.read import FILE as ALERTMANAGER_FILE
from midwatch.server.alerting.configuration import Configuration, built_in
from midwatch.server.alerting.marks import MarkKind
from midwatch.server.alerting.oncall.telling import NOT_CHANNELS
from midwatch.server.alerting.silences import Silence
from midwatch.server.config import Settings
from midwatch.server.leases.leases import Leases
from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock
from midwatch.server.model.measure import Measure
from midwatch.server.notify.dead_mans_switch import DeadMansSwitchPings
from midwatch.server.notify.desk import NotifyDesk
from midwatch.server.notify.files import TEMPLATE_FILES
from midwatch.server.notify.links import Links
from midwatch.server.notify.loop import Notifier
from midwatch.server.notify.mailer import Mailer
from midwatch.server.notify.sender import Sender, Setup
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.outgoing.reach import Guard
from midwatch.server.plan.effects import Effect
from midwatch.server.promql.matchers import matcher
from midwatch.server.watch import Watch
from midwatch.server.workspace.workspace import Workspace

STILL_SECONDS_MAX = 60.0
"""A loop that did nothing for so long stands still, and no ping says that all is well."""


@dataclass(slots=True)
class Delivery:
    notifier: Notifier
    desk: NotifyDesk
    switch: DeadMansSwitchPings
    mailer: Mailer
    links: Links
    external_url: Callable[[], str]

    def effects(self) -> list[Effect]:
        """What a plan changes in it."""
        return [self._receivers, self._switch]

    async def run(self) -> None:
        """For the server that holds the lease, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.notifier.run(), name="notify")
            group.create_task(self.switch.run(), name="dead-mans-switch")

    def measures(self) -> Iterable[Measure]:
        yield from self.notifier.measures()
        yield from self.switch.measures()

    async def _receivers(self, plan: Plan) -> None:
        configuration: Configuration = plan.files.get(ALERTMANAGER_FILE, {}).get(ALERTMANAGER_FILE) or built_in()
        integrations = {
            integration: config
            for receiver in configuration.receivers.values()
            for integration, config in receiver.integrations.items()
            if integration.kind not in NOT_CHANNELS
        }
        templates = plan.files.get(TEMPLATE_FILES.folder, {})
        await self.notifier.configure(Setup(integrations, vars(configuration.globals), templates))

    async def _switch(self, plan: Plan) -> None:
        self.switch.configure(plan[dead_mans_switch.SECTION])


class _Acts:
    """People's answers to messages, as alerting takes them."""

    def __init__(self, acts: AlertActs, clock: Clock) -> None:
        self._acts = acts
        self._clock = clock

    async def acknowledge(self, actor: Actor, group_key: str, comment: str) -> int:
        mark = await self._acts.mark(actor, MarkKind.ACKNOWLEDGED, group_key=group_key, comment=comment)
        return len(mark.fingerprints)

    async def silence(self, actor: Actor, labels: Mapping[str, str], seconds: float, comment: str) -> str:
        now_ns = self._clock.now_ns()
        matchers = tuple(matcher(name, "=", value) for name, value in labels.items())
        wanted = Silence(matchers, now_ns, now_ns + int(seconds * 1e9), actor.name, comment)
        return await self._acts.put_silence(actor, wanted)


async def open_delivery(
    settings: Settings,
    workspace: Workspace,
    watch: Watch,
    guard: Guard,
    leases: Leases,
    clock: Clock,
    stack: AsyncExitStack,
) -> Delivery:
    """Nothing runs yet."""
    async with leases.hold("notify-links"):
        links = await Links.open(workspace)
    surroundings, files = watch.rules.surroundings, PlanFiles(settings.plan, settings.scrape_directories())

    def external_url() -> str:
        return surroundings.external_url

    sender = Sender(guard, files, clock, links=links, external_url=external_url)
    stack.push_async_callback(sender.close)
    notifier = Notifier(workspace.deliveries, sender, clock, workspace.outbox.woken, watch.alerts.put)
    desk = NotifyDesk(workspace.outbox, workspace.deliveries, sender, links, _Acts(watch.acts, clock), clock)
    troubles = [
        _still("delivery", lambda: notifier.looked_at, clock),
        _still("alerting", lambda: watch.alerts.stepped_at, clock),
    ]
    switch = DeadMansSwitchPings(guard, files, clock, troubles)
    mailer = Mailer(guard, files, clock, lambda: sender.setup.globals)
    return Delivery(notifier, desk, switch, mailer, links, external_url)


def _still(name: str, moved_at: Callable[[], float | None], clock: Clock) -> Callable[[], str | None]:
    """Whether a loop stands still; one that runs on another server says nothing."""

    def trouble() -> str | None:
        at = moved_at()
        if at is None or clock.monotonic() - at <= STILL_SECONDS_MAX:
            return None
        return f"{name} has stood still for {clock.monotonic() - at:.0f} s"

    return trouble
