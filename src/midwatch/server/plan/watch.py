"""The plan directory: applied at start, and again whenever one of its files changes."""

import asyncio
from pathlib import Path

import structlog
from watchfiles import awatch

from midwatch.contract.plan import MAIN_FILE, Problem, read_files
from midwatch.contract.plan.files import PlanUnreadable
from midwatch.server.model.actor import Actor, Role
from midwatch.server.plan.keeper import Outcome, PlanKeeper

log = structlog.get_logger(__name__)

DIRECTORY_ACTOR = Actor(kind="system", id="plan-directory", name="plan directory", role=Role.ADMIN)
DEBOUNCE_MS = 300
"""Editors write in several steps; a checkout changes many files."""
LOOK_AGAIN_MS = 5000
"""Also without a sign from the kernel: directories are replaced as a whole, and network file systems give none."""
REFRESH_SECONDS = 10.0


class PlanWatch:
    """Feeds a keeper from a directory, and from what other servers on the same database put in force."""

    def __init__(self, keeper: PlanKeeper, directory: Path | None) -> None:
        self._keeper = keeper
        self._directory = directory
        self._seen: dict[str, str] | None = None

    async def run(self) -> None:
        """Until cancelled. Errors are logged and shown in the plan's state; nothing here ends the server."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._refresh(), name="plan-refresh")
            if self._directory is not None:
                group.create_task(self._watch(self._directory), name="plan-watch")

    async def look(self) -> Outcome | None:
        """Read the directory and apply what is new in it; None where nothing is."""
        if self._directory is None:
            return None
        try:
            files = await asyncio.to_thread(read_files, self._directory)
        except PlanUnreadable as error:
            problem = Problem(MAIN_FILE, 1, 1, str(error))
            if self._keeper.refused != (problem,):
                log.error("plan.refused", problems=[str(error)])
            self._seen, self._keeper.refused = None, (problem,)
            return Outcome(False, (problem,))
        if files == self._seen:
            return None
        outcome = await self._keeper.apply(files, DIRECTORY_ACTOR, source=str(self._directory))
        self._seen = files
        self._keeper.refused = () if outcome.ok else outcome.problems
        for problem in outcome.problems:
            log.warning("plan.problem", problem=str(problem), stays_in_force=not outcome.ok)
        return outcome

    async def _look(self) -> None:
        try:
            await self.look()
        except Exception as error:  # the database or the store is away: the next look tries again
            log.error("plan.not_applied", error=str(error))

    async def _watch(self, directory: Path) -> None:
        while True:
            await self._look()
            try:
                async for _ in awatch(
                    directory, debounce=DEBOUNCE_MS, rust_timeout=LOOK_AGAIN_MS, yield_on_timeout=True
                ):
                    await self._look()
            except OSError:
                await asyncio.sleep(LOOK_AGAIN_MS / 1000)  # there is no such directory, for now

    async def _refresh(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await self._keeper.refresh()
            except Exception as error:
                log.warning("plan.not_refreshed", error=str(error))
