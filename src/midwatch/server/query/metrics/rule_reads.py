"""The stored series as rules read them: many questions in one thread, in the class of questions that is theirs."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from midwatch.server.model.errors import MidwatchError
from midwatch.server.query.metrics.loop_source import ANSWER_SECONDS, LoopSource
from midwatch.server.query.metrics.queries import MetricQueries
from midwatch.server.query.metrics.scope import Reader, SeriesScope

TOGETHER_SECONDS_MAX = 600.0
"""How long what is asked together may take; each question of it has a bound of its own."""
T = TypeVar("T")


class RuleReads:
    def __init__(self, queries: MetricQueries, reader: Reader) -> None:
        self._queries, self._reader = queries, reader

    async def work(self, work: Callable[[LoopSource], T]) -> T:
        """`work` in a thread, with all series of all environments.

        Raises:
            Unavailable: too many run already.
        """
        return await self._queries.work(SeriesScope(), work, TOGETHER_SECONDS_MAX)

    async def answers(self) -> bool:
        """Whether the store answers now."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._reader.rows("SELECT 1 AS one", {})
        except (MidwatchError, TimeoutError):
            return False
        return True
