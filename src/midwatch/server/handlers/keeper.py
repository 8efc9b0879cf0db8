"""Finds the issues of failed runs, ends orders that nobody has asked for, and forgets what is old."""

import asyncio
import time
from collections.abc import Mapping
from typing import Protocol

import structlog

from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import MidwatchError
from midwatch.server.workspace.handler_orders import HandlerOrders
from midwatch.server.workspace.handler_runs import HandlerRuns

log = structlog.get_logger(__name__)

EVERY_SECONDS = 2.0
SWEEP_SECONDS = 300.0
LINKED_AT_ONCE = 200
FORGOTTEN_AT_ONCE = 500
DAY_MS = 86_400_000


class Errors(Protocol):
    async def groups(self, failed: Mapping[tuple[int, str], int]) -> dict[tuple[int, str], str]:
        """Group hashes by project and event id; asked with when each failed (milliseconds). Raises StoreError."""
        ...


class HandlerKeeper:
    """Runs on the server that holds the lease."""

    def __init__(self, runs: HandlerRuns, orders: HandlerOrders, errors: Errors, clock: Clock, *, days: float) -> None:
        """`days`: for so long a run is kept after it failed last, with what was ordered for it; 0: for ever."""
        self._runs, self._orders, self._errors, self._clock, self._days = runs, orders, errors, clock, days

    async def run(self) -> None:
        """Until cancelled."""
        sweep_at = 0.0
        while True:
            try:
                await self.link()
                if time.monotonic() >= sweep_at:
                    await self.sweep()
                    sweep_at = time.monotonic() + SWEEP_SECONDS
            except MidwatchError as error:
                log.warning("handlers.not_kept_up", error=error.message)
            await asyncio.sleep(EVERY_SECONDS)

    async def link(self) -> None:
        """Raises StoreError, Unavailable."""
        waiting = await self._runs.unlinked(LINKED_AT_ONCE)
        if not waiting:
            return
        groups = await self._errors.groups({(row.project, row.event_id): row.failed_ms for row in waiting})
        found = {row.id: groups[row.project, row.event_id] for row in waiting if (row.project, row.event_id) in groups}
        if found:
            await self._runs.link(found)

    async def sweep(self) -> None:
        """Raises Unavailable."""
        await self._orders.expire()
        forgotten = FORGOTTEN_AT_ONCE if self._days else 0
        while forgotten == FORGOTTEN_AT_ONCE:
            forgotten = await self._runs.forget(now_ms(self._clock) - int(self._days * DAY_MS), FORGOTTEN_AT_ONCE)
