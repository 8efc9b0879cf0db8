"""Evaluations that run, each lane in a thread: what is quick, and beside it what took long the last time.

So one slow rule keeps nobody waiting but its own kind, and the loop around them is never held up by either.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

import structlog

from midwatch.server.model.errors import MidwatchError
from midwatch.server.promql import SeriesSource
from midwatch.server.rules.evaluation import Outcome
from midwatch.server.rules.evaluator import Due, Evaluator

log = structlog.get_logger(__name__)

SLOW_SECONDS = 5.0
"""A group that took longer goes into the slow lane."""
TOGETHER_MS = 60_000
"""Times that are evaluated together: what is to be caught up with is read, kept and told minute by minute."""
Work = Callable[[SeriesSource], Outcome]


class Reading(Protocol):
    """The store, as rules ask it."""

    def work(self, work: Work) -> Awaitable[Outcome]:
        """`work` in a thread, with a source of the stored series."""
        ...

    async def answers(self) -> bool:
        """Whether the store answers now."""
        ...


class Lanes:
    def __init__(self, rules: Evaluator, reading: Reading) -> None:
        self._rules, self._reading = rules, reading
        self._running: dict[str, asyncio.Task[Outcome]] = {}
        self._groups: dict[str, frozenset[str]] = {}

    @property
    def groups(self) -> frozenset[str]:
        """Keys of groups that are being evaluated."""
        return frozenset[str]().union(*self._groups.values())

    def start(self, due: Sequence[Due], visible_ms: int) -> None:
        """What is due, the oldest first, as far as its lane is free; the rest is due still."""
        lanes: dict[str, list[Due]] = {}
        for one in due:
            if one.at_ms > due[0].at_ms + TOGETHER_MS:
                break
            lanes.setdefault("slow" if one.state.seconds > SLOW_SECONDS else "quick", []).append(one)
        for lane, some in lanes.items():
            if lane not in self._running:
                self._groups[lane] = frozenset(one.state.group.key for one in some)
                self._running[lane] = asyncio.create_task(self._evaluated(some, visible_ms), name=f"rules-{lane}")

    async def collected(self, seconds: float) -> Outcome:
        """What came of what is done; waits so long for something to be."""
        out = Outcome()
        if self._running:
            await asyncio.wait(self._running.values(), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for lane in [lane for lane, task in self._running.items() if task.done()]:
            out.join(self._running.pop(lane).result())
            del self._groups[lane]
        return out

    async def end(self) -> None:
        """Nobody waits any more for what runs."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        self._running, self._groups = {}, {}

    async def _evaluated(self, due: list[Due], visible_ms: int) -> Outcome:
        work = partial(self._rules.evaluate, due=due, visible_ms=visible_ms)
        try:
            return await self._reading.work(work)
        except MidwatchError as error:  # no place was free: all of it is due still
            log.warning("rules.not_evaluated", due=len(due), error=error.message)
            return Outcome()
