"""The runbooks of the plan in force, and what was ticked off in them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from midwatch.server.model.actor import Actor
from midwatch.server.model.alert import Alert
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import NotFound
from midwatch.server.runbooks.document import Runbook
from midwatch.server.runbooks.filled import Filled, filled

FindAlert = Callable[[str], Awaitable[Alert | None]]
"""By fingerprint: one that fires, or fired lately."""


class Tick(Protocol):
    @property
    def done_ms(self) -> int: ...

    @property
    def done_by(self) -> str: ...


class Ticks(Protocol):
    """The workspace, as far as runbooks need it."""

    async def of(self, occasion: str, runbook: str) -> Mapping[str, Tick]: ...

    async def put(self, actor: Actor, occasion: str, runbook: str, step: str, *, done: bool) -> None: ...


class PlanRunbooks:
    """Those of the plan in force, by name."""

    def __init__(self) -> None:
        self.runbooks: Mapping[str, Runbook] = {}

    def put(self, files: Mapping[str, Runbook]) -> None:
        self.runbooks = {one.name: one for one in files.values()}


@dataclass(frozen=True, slots=True)
class Opened:
    filled: Filled
    alert: Alert | None
    ticks: Mapping[str, Tick]
    """By step; empty without an alert, since there is no occasion to tick them off for."""


class RunbookDesk:
    """For the event loop."""

    def __init__(self, plan: PlanRunbooks, ticks: Ticks, find_alert: FindAlert, clock: Clock) -> None:
        self._plan, self._ticks, self._find_alert, self._clock = plan, ticks, find_alert, clock

    def all(self) -> list[Runbook]:
        return sorted(self._plan.runbooks.values(), key=lambda one: (one.title.lower(), one.name))

    def get(self, name: str) -> Runbook:
        """Raises NotFound."""
        found = self._plan.runbooks.get(name)
        if found is None:
            raise NotFound(f"cannot find runbook {name}: expected a file runbooks/{name}.md in the plan in force")
        return found

    async def open(self, name: str, fingerprint: str | None, labels: Mapping[str, str]) -> Opened:
        """`labels` fill in what no alert says. Raises NotFound."""
        runbook = self.get(name)
        alert = await self._alert(fingerprint) if fingerprint is not None else None
        known = {**labels, **(alert.labels if alert else {})}
        ticks = await self._ticks.of(occasion(alert), name) if alert else {}
        return Opened(filled(runbook, known, alert, self._clock.now_ns()), alert, ticks)

    async def tick(self, actor: Actor, name: str, fingerprint: str, step: str, *, done: bool) -> None:
        """Raises NotFound."""
        runbook, alert = self.get(name), await self._alert(fingerprint)
        if all(one.id != step for one in runbook.steps):
            raise NotFound(f"cannot find step {step} in runbook {name}: it was changed meanwhile; load it again")
        await self._ticks.put(actor, occasion(alert), name, step, done=done)

    async def _alert(self, fingerprint: str) -> Alert:
        alert = await self._find_alert(fingerprint)
        if alert is None:
            raise NotFound(f"cannot find alert {fingerprint}: it neither fires nor fired lately")
        return alert


def occasion(alert: Alert) -> str:
    """One time that an alert fires: the next time its steps are open again."""
    return f"{alert.fingerprint}@{alert.starts_at_ns}"
