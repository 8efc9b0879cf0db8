"""The retention in force: the settings', changed by people in the page, changed by the plan where it names a signal."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from midwatch.server.model.actor import Actor
from midwatch.server.model.errors import Conflict
from midwatch.server.model.signal import Signal
from midwatch.server.schemas.system import Retention
from midwatch.server.workspace.workspace import Workspace

DOCUMENT = "retention"

Put = Callable[[Mapping[Signal, float]], Awaitable[None]]
"""Puts days by signal in force in the store; 0 keeps for ever."""


class RetentionKeeper:
    """Knows the days of each signal at any time; every change is in force at once, remembered and audited."""

    def __init__(self, days: Mapping[Signal, float], put: Put, workspace: Workspace) -> None:
        self._chosen = dict(days)
        self._planned: dict[Signal, float] = {}
        self._put = put
        self._workspace = workspace
        self._putting = asyncio.Lock()
        self._store_is_open = False

    @property
    def days(self) -> dict[Signal, float]:
        return {**self._chosen, **self._planned}

    async def open(self) -> None:
        """Remember what people chose; nothing goes to the store before `put_in_force`."""
        if (document := await self._workspace.get_document(DOCUMENT)) is not None:
            self._chosen |= {
                signal: float(document.value[signal.value]) for signal in Signal if signal in document.value
            }

    async def put_in_force(self) -> None:
        """Called when the store is there with its tables; from then on a plan's change goes to the store at once."""
        self._store_is_open = True
        async with self._putting:
            await self._put(self.days)

    async def plan(self, days: Mapping[Signal, float]) -> None:
        """What the plan in force says; signals it does not name keep what people chose."""
        self._planned = dict(days)
        if self._store_is_open:
            await self.put_in_force()

    async def get(self) -> Retention:
        return Retention(**{signal.value: days for signal, days in self.days.items()})

    async def change(self, wanted: Retention, actor: Actor) -> Retention:
        """Raises Conflict for a signal whose retention the plan fixes."""
        days = {signal: float(getattr(wanted, signal.value)) for signal in Signal}
        for signal, planned in self._planned.items():
            if days[signal] != planned:
                raise Conflict(f"the plan keeps {signal} for {planned:g} days: change its retention section instead")
        await self._put({**days, **self._planned})
        self._chosen = days
        value = {signal.value: number for signal, number in days.items()}
        await self._workspace.put_document(DOCUMENT, value, actor.name)
        await self._workspace.audit(actor, "retention.change", "retention", value)
        return wanted
