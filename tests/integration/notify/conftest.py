"""A notifier over a workspace of its own, with every vendor's door on this machine."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.vendors import Vendors, vendors

from midwatch.contract.plan.explain import listed
from midwatch.server.model.alert import Alert
from midwatch.server.model.clock import WallClock
from midwatch.server.model.notification import Integration, Notification, Reason
from midwatch.server.notify.kinds import KINDS
from midwatch.server.notify.links import Links
from midwatch.server.notify.loop import Notifier, Pace
from midwatch.server.notify.sender import Sender, Setup
from midwatch.server.outgoing.files import PlanFiles
from midwatch.server.outgoing.reach import Guard, Reach
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.models import AttemptRow, NotificationRow
from midwatch.server.workspace.outbox import State
from midwatch.server.workspace.workspace import Workspace

START = time.time_ns()
EXTERNAL = "https://midwatch.example.com"
KEY = "0123456789abcdef0123456789abcdef"


def alert(name: str = "HighErrorRate", severity: str = "critical", **labels: str) -> Alert:
    annotations = {
        "summary": f"{name} <now> & soon",
        "description": "5 % of requests fail",
        "runbook_url": f"https://runbooks.example.com/{name}",
    }
    names = {"alertname": name, "severity": severity, **labels}
    return Alert(names, START, START + 600_000_000_000, annotations, "https://midwatch.example.com/rules/1")


def told(
    kind: str, reason: Reason = Reason.FIRST, *, alerts: Sequence[Alert] = (), group: str = "", **context: str
) -> Notification:
    """All of it fires, but for ALL_RESOLVED."""
    given = tuple(alerts) or (alert(service="api"), alert(service="worker", severity="warning"))
    over = reason is Reason.ALL_RESOLVED
    return Notification(
        Integration("oncall", kind),
        group or '{}/{severity="critical"}:{alertname="HighErrorRate"}',
        {"alertname": given[0].name},
        () if over else given,
        given if over else (),
        reason,
        START,
        context,
    )


@dataclass
class Office:
    """Everything that a test of delivery needs."""

    workspace: Workspace
    notifier: Notifier
    vendors: Vendors
    files: Path
    told: list[Alert] = field(default_factory=list)
    running: asyncio.Task[None] | None = None

    async def configure(
        self,
        configs: Mapping[str, Mapping[str, Any]],
        everywhere: Mapping[str, Any] | None = None,
        templates: Mapping[str, str] | None = None,
    ) -> None:
        """Entries by kind, of the receiver `oncall`; `URL` in their texts is the vendors'."""
        made = {
            Integration("oncall", kind): KINDS[kind].model_validate(listed(self._own(entry)))
            for kind, entry in configs.items()
        }
        await self.notifier.configure(Setup(made, self._own(everywhere or {}), templates or {}))

    def _own(self, value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("URL", self.vendors.url)
        if isinstance(value, Mapping):
            return {name: self._own(one) for name, one in value.items()}
        return [self._own(one) for one in value] if isinstance(value, list) else value

    async def put(self, *notifications: Notification) -> list[str]:
        return await self.workspace.outbox.put(notifications)

    async def done(self, id_: str, *, seconds: float = 20.0) -> tuple[NotificationRow, list[AttemptRow]]:
        """When it waits no longer."""
        return await self.when(id_, lambda row: row.state != State.PENDING, seconds=seconds)

    async def when(self, id_: str, holds: Any, *, seconds: float = 20.0) -> tuple[NotificationRow, list[AttemptRow]]:
        async with asyncio.timeout(seconds):
            while True:
                row, attempts = await self.workspace.outbox.get(id_)
                if holds(row):
                    return row, attempts
                await asyncio.sleep(0.02)

    async def send(self, notification: Notification) -> tuple[NotificationRow, list[AttemptRow]]:
        (id_,) = await self.put(notification)
        return await self.done(id_)


@pytest.fixture
def sink() -> Iterator[Vendors]:
    with vendors() as door:
        yield door


@pytest.fixture
async def office(tmp_path: Path, sink: Vendors) -> AsyncIterator[Office]:
    """Retries come at once, so that tests do not wait for them."""
    clock = WallClock()
    workspace = Workspace(Database(f"sqlite:///{tmp_path / 'workspace.db'}"), clock)
    await workspace.open()
    guard = Guard(Reach(everything=True))
    files = tmp_path / "plan"
    files.mkdir()
    links = await Links.open(workspace)
    sender = Sender(guard, PlanFiles(files), clock, links=links, external_url=lambda: EXTERNAL)
    alerts: list[Alert] = []

    async def tell(some: Sequence[Alert]) -> None:
        alerts.extend(some)

    pace = Pace(first_retry=0.05, longest_retry=0.2, look=0.05)
    notifier = Notifier(workspace.deliveries, sender, clock, workspace.outbox.woken, tell, pace)
    made = Office(workspace, notifier, sink, files, alerts)
    made.running = asyncio.create_task(notifier.run())
    yield made
    made.running.cancel()
    with suppress(asyncio.CancelledError):
        await made.running
    await sender.close()
    guard.close()
    await workspace.close()
