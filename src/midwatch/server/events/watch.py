"""Walks the whole chain of every project now and then, and remembers what it found."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import structlog

from midwatch.server.events.chain import Head
from midwatch.server.events.verify import Problem, Verdict, Verifier
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError
from midwatch.server.model.measure import Measure
from midwatch.server.model.timerange import format_time
from midwatch.server.workspace.workspace import Workspace

log = structlog.get_logger(__name__)

EVERY_SECONDS = 86_400.0
LOOK_SECONDS = 60.0
AGAIN_SECONDS = 3600.0
"""After a walk that failed, and for a chain that is not intact."""
DOCUMENT = "event_chain"


class ChainWatch:
    def __init__(self, verifier: Verifier, workspace: Workspace, clock: Clock) -> None:
        self._verifier, self._workspace, self._clock = verifier, workspace, clock
        self._intact: dict[int, bool] = {}

    def measures(self) -> Iterable[Measure]:
        for project, intact in self._intact.items():
            text = "Whether the chain of a project's domain events was intact when it was walked last"
            labels = (("project", str(project)),)
            yield Measure("midwatch_event_chain_intact", text, float(intact), labels, kind="gauge")

    async def run(self) -> None:
        """Under a lease, until cancelled."""
        while True:
            try:
                await self._look()
            except MidwatchError as error:
                log.warning("events.not_verified", error=error.message)
            await asyncio.sleep(LOOK_SECONDS)

    async def verdicts(self) -> dict[int, dict[str, Any]]:
        """By project: the last whole walk, as `remembered` has it."""
        document = await self._workspace.get_document(DOCUMENT)
        return {} if document is None else {int(project): one for project, one in document.value.items()}

    async def walk(self, project: int) -> Verdict:
        """All of it; ends at the first problem."""
        first, events, expired, erased = 1, 0, 0, 0
        while True:
            found = await self._verifier.verify(project, first)
            events, expired, erased = events + found.events, expired + found.expired, erased + found.erased
            if found.problem is not None or found.whole:
                return Verdict(1, found.last, events, expired, erased, found.head, found.problem)
            first = found.last + 1

    async def remember(self, project: int, verdict: Verdict) -> None:
        self._intact[project] = verdict.problem is None
        if verdict.problem is not None:
            log.error("events.chain_broken", project=project, **asdict(verdict.problem))
        known = await self.verdicts()
        known[project] = {**asdict(verdict), "at": format_time(self._clock.now_ns()), "at_ns": self._clock.now_ns()}
        value = {str(one): content for one, content in known.items()}
        await self._workspace.put_document(DOCUMENT, value, "system")

    async def _look(self) -> None:
        known, now = await self.verdicts(), self._clock.now_ns()
        for project in await self._workspace.event_chains.heads():
            last = known.get(project)
            if last is not None:
                self._intact[project] = last["problem"] is None
                wait = EVERY_SECONDS if last["problem"] is None else AGAIN_SECONDS
                if now - last["at_ns"] < wait * 1e9:
                    continue
            await self.remember(project, await self.walk(project))


def remembered(value: dict[str, Any]) -> Verdict:
    """A verdict as `remember` has kept it."""
    problem = value["problem"]
    return Verdict(
        value["first"],
        value["last"],
        value["events"],
        value["expired"],
        value["erased"],
        Head(**value["head"]),
        None if problem is None else Problem(**problem),
    )
