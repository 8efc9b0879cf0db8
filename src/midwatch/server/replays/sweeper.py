"""Forgets replays: those that are older than their retention, and the oldest where all together are too large."""

import asyncio
from collections.abc import Callable, Iterable, Sequence

import structlog

from midwatch.server.model.blobs import Blobs
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.model.errors import Unavailable
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.replays.keeper import blob_prefix
from midwatch.server.workspace.replays import ReplayId, ReplayLedger

log = structlog.get_logger(__name__)

EVERY_SECONDS = 300.0
AT_ONCE = 100
"""Replays of one step."""
STEPS_MAX = 1000
"""Of one sweep; what is left waits for the next."""
DAY_MS = 86_400_000


class ReplaySweeper:
    """Runs on the server that holds the lease. `days`: the retention in force; 0 is for ever."""

    def __init__(
        self, ledger: ReplayLedger, blobs: Blobs, clock: Clock, *, days: Callable[[], float], bytes_max: int
    ) -> None:
        self._ledger, self._blobs, self._clock = ledger, blobs, clock
        self._days, self.bytes_max = days, bytes_max
        self._counts = Counts("midwatch_replays_forgotten_total", "Session replays forgotten, by reason", ("reason",))

    @property
    def days(self) -> float:
        return self._days()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.sweep()
            except Unavailable as error:
                log.warning("replays.not_swept", error=error.message)
            await asyncio.sleep(EVERY_SECONDS)

    async def sweep(self) -> None:
        """Raises Unavailable."""
        for _ in range(STEPS_MAX):
            left = await self._ledger.to_be_emptied(AT_ONCE)
            if not left:
                break
            await self.drop_blobs(left)
        for _ in range(STEPS_MAX):
            days = self._days()
            old = await self._ledger.ended_before(now_ms(self._clock) - int(days * DAY_MS), AT_ONCE) if days else []
            if not old:
                break
            await self._forget(old, "retention")
        for _ in range(STEPS_MAX):
            usage = await self._ledger.usage()
            if usage.bytes <= self.bytes_max or not usage.replays:
                break
            await self._forget(await self._over(usage.bytes - self.bytes_max), "size")

    async def drop_blobs(self, ids: Sequence[ReplayId]) -> None:
        """Of replays that are deleted."""
        for project, replay_id in ids:
            await self._blobs.drop(blob_prefix(project, replay_id))
        await self._ledger.emptied(ids)

    def measures(self) -> Iterable[Measure]:
        yield from self._counts.measures()

    async def _over(self, size: int) -> list[ReplayId]:
        found = []
        for replay, bytes_ in await self._ledger.oldest(AT_ONCE):
            found.append(replay)
            size -= bytes_
            if size <= 0:
                break
        return found

    async def _forget(self, ids: Sequence[ReplayId], reason: str) -> None:
        for project, replay_id in ids:
            await self._blobs.drop(blob_prefix(project, replay_id))
        await self._ledger.forget(ids)
        self._counts.add(reason, amount=len(ids))
        log.info("replays.forgotten", reason=reason, replays=len(ids))
