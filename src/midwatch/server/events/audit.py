"""How long Midwatch's own audit log is kept: for ever, unless the plan says otherwise."""

import asyncio

import structlog

from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import MidwatchError
from midwatch.server.workspace.workspace import Workspace

log = structlog.get_logger(__name__)

EVERY_SECONDS = 3600.0
DAY_MS = 86_400_000


class AuditSweeper:
    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        self._workspace, self._clock = workspace, clock
        self.days = 0.0
        """0: for ever."""

    def plan(self, days: float | None) -> None:
        """An effect of the plan."""
        self.days = days or 0.0

    async def run(self) -> None:
        """Under a lease, until cancelled."""
        while True:
            try:
                await self.sweep()
            except MidwatchError as error:
                log.warning("audit.not_swept", error=error.message)
            await asyncio.sleep(EVERY_SECONDS)

    async def sweep(self) -> int:
        """How many acts went."""
        gone = 0
        if self.days:
            before = now_ms(self._clock) - int(self.days * DAY_MS)
            while forgotten := await self._workspace.forget_audit(before):
                gone += forgotten
        return gone
