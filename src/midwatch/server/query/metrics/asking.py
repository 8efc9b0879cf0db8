"""PromQL from a request to its encoded answer: the engine runs in threads and reads through the event loop.

Each class of questions has places of its own, so that a heavy page never keeps the rules waiting. A question ends at
its time, or when whoever asked has gone: the engine looks at each node and each read is cancelled at once.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from midwatch.server.model.errors import Unavailable
from midwatch.server.promql import Engine
from midwatch.server.query.metrics.derived.series import DerivedSeries
from midwatch.server.query.metrics.loop_source import LoopSource, Question
from midwatch.server.query.metrics.pushdown import Pushing
from midwatch.server.query.metrics.source import StoredSeries

WAIT_SECONDS_MAX = 20.0
"""How long a question waits for a place before the caller is told to come back."""
T = TypeVar("T")


class Places:
    """Threads for one class of questions."""

    def __init__(self, name: str, places: int) -> None:
        self._places = asyncio.Semaphore(places)
        self._count = places
        self._threads = ThreadPoolExecutor(places, f"promql-{name}")
        self._name = name

    async def run(self, work: Callable[[], T], source: LoopSource) -> T:
        """`work` in a thread; when the caller is cancelled, its source is left and the place free once work ends.

        Raises:
            Unavailable: no place within WAIT_SECONDS_MAX.
        """
        try:
            # Not `wait_for`: in Python 3.11 it swallows a cancellation that comes as the place is given.
            async with asyncio.timeout(min(WAIT_SECONDS_MAX, source.question.seconds_left)):
                await self._places.acquire()
        except TimeoutError:
            raise Unavailable(f"cannot start the query: {self._count} of the class {self._name} run already") from None
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        running.add_done_callback(lambda _: self._places.release())
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            source.leave()
            running.add_done_callback(_looked_at)
            raise

    def close(self) -> None:
        """Take no more; threads end when what they run does."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _looked_at(future: "asyncio.Future[Any]") -> None:
    """Its error is nobody's any more."""
    if not future.cancelled():
        future.exception()


class Asking:
    """Engines and places by class of question."""

    def __init__(self, engine: Engine, places: dict[str, int]) -> None:
        self.engine = engine
        self._places = {name: Places(name, count) for name, count in places.items()}
        self._asked: set[LoopSource] = set()

    async def ask(
        self,
        series: StoredSeries,
        pushing: Pushing,
        derived: DerivedSeries,
        work: Callable[[LoopSource, Question], T],
        *,
        name: str,
        seconds: float,
    ) -> T:
        """What `work` makes of a source, in a thread.

        Raises:
            QueryError: the engine's refusal, a limit or the time.
            StoreError: the store did not answer.
            Unavailable: too many run already.
        """
        loop, options = asyncio.get_running_loop(), self.engine.options
        source = LoopSource(series, pushing, options, loop, Question(seconds), set(), derived)
        self._asked.add(source)
        try:
            return await self._places[name].run(lambda: work(source, source.question), source)
        finally:
            self._asked.discard(source)

    def close(self) -> None:
        """End what is asked, and take no more."""
        for source in tuple(self._asked):
            source.leave()
        for places in self._places.values():
            places.close()
