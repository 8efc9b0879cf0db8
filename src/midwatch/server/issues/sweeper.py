"""Forgets the files that came with events, once the events are older than what is kept."""

import asyncio
from collections.abc import Callable

import structlog

from midwatch.server.model.blobs import Blobs
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError

log = structlog.get_logger(__name__)

EVERY_SECONDS = 3600.0
FOLDERS = ("attachments", "profiles")
DAY_NS = 86_400 * 10**9
AT_ONCE = 10_000
"""Files of one sweep; what is left waits for the next."""


class FileSweeper:
    """Runs on the server that holds the lease. `days`: how long errors are kept; 0 is for ever."""

    def __init__(self, blobs: Blobs, clock: Clock, days: Callable[[], float]) -> None:
        self._blobs, self._clock, self._days = blobs, clock, days

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.sweep()
            except MidwatchError as error:
                log.warning("issues.files_not_swept", error=error.message)
            await asyncio.sleep(EVERY_SECONDS)

    async def sweep(self) -> int:
        """How many files went. Raises Unavailable."""
        if not (days := self._days()):
            return 0
        before_ns = self._clock.now_ns() - int(days * DAY_NS)
        old: list[str] = []
        for folder in FOLDERS:
            async for info in self._blobs.list(folder):
                if info.modified_ns < before_ns and len(old) < AT_ONCE:
                    old.append(info.name)
        for name in old:
            await self._blobs.drop(name)
        return len(old)
