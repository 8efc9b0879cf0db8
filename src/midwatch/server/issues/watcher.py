"""What becomes of issues as time goes by: they spike and calm down, get old, and are no longer ignored."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError
from midwatch.server.workspace.issues import Issues

log = structlog.get_logger(__name__)

LOOK_SECONDS = 30.0


class SpikeLike(Protocol):
    @property
    def project(self) -> int: ...
    @property
    def hash(self) -> str: ...
    @property
    def events(self) -> float: ...
    @property
    def usual(self) -> float: ...


class Counts(Protocol):
    """server/query/issues/spikes.py"""

    async def now(self, now_s: int) -> Sequence[SpikeLike]: ...

    async def since(self, project: int, hashes: Sequence[str], since_ms: int) -> tuple[float, int]: ...


class IssueWatcher:
    """Under a lease: one server does it for all."""

    def __init__(self, issues: Issues, counts: Counts, clock: Clock, *, on_news: Callable[[], None]) -> None:
        self._issues, self._counts, self._clock, self._on_news = issues, counts, clock, on_news

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except MidwatchError as error:
                log.warning("issues.watch_retry", error=error.message)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Once. Raises MidwatchError: the store or the database does not answer."""
        spikes = await self._counts.now(self._clock.now_ns() // 10**9)
        by_group = {(one.project, one.hash): one for one in spikes}
        spiking = await self._issues.spikes_among(list(by_group)) if by_group else []
        for issue in spiking:
            groups = {row.hash for row in await self._issues.groups(issue.id)}
            some = [one for (project, hash_), one in by_group.items() if project == issue.project and hash_ in groups]
            events, usual = sum(one.events for one in some), sum(one.usual for one in some)
            if await self._issues.escalate(issue.id, {"events": round(events), "usual": round(usual, 1)}):
                self._on_news()
        await self._issues.settle([issue.id for issue in spiking])
        for issue in await self._issues.ignored_with_conditions():
            hashes = [row.hash for row in await self._issues.groups(issue.id)]
            events, users = await self._counts.since(issue.project, hashes, issue.ignored_ms or 0)
            until = issue.ignored_until
            if until.get("count") and events >= until["count"]:
                await self._issues.open_ignored(issue.id, {"because": "count", "events": round(events)})
            elif until.get("users") and users >= until["users"]:
                await self._issues.open_ignored(issue.id, {"because": "users", "users": users})
