"""PromQL from a request to its encoded answer: the engine runs in threads and reads through the event loop.

Each class of questions has places of its own, so that a heavy page never keeps the rules waiting. A question ends at
its time, or when whoever asked has gone: the engine looks at each node and each read is cancelled at once.
"""

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from midwatch.server.model.errors import StoreError, Unavailable
from midwatch.server.promql import Engine
from midwatch.server.promql.errors import LimitError, QueryCanceledError, QueryTimeoutError
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.storage import Series
from midwatch.server.query.metrics.source import StoredSeries

WAIT_SECONDS_MAX = 20.0
"""How long a question waits for a place before the caller is told to come back."""
_TOO_SLOW = 159
"""ClickHouse's exception code for a statement that took longer than it may."""
T = TypeVar("T")


class Question:
    """One question's end: by time, or because nobody waits for it. Safe between threads."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds
        self._gone = threading.Event()

    @property
    def seconds_left(self) -> float:
        return max(0.0, self._until - time.monotonic())

    def leave(self) -> None:
        """Nobody waits any more."""
        self._gone.set()

    def over(self) -> bool:
        """Whether the time has passed.

        Raises:
            QueryCanceledError: nobody waits.
        """
        if self._gone.is_set():
            raise QueryCanceledError("query was canceled in expression evaluation")
        return time.monotonic() > self._until


@dataclass(frozen=True, slots=True, eq=False)
class LoopSource:
    """A `SeriesSource` for a thread: reads in the loop, and waits no longer than the question may take."""

    series: StoredSeries
    loop: asyncio.AbstractEventLoop
    question: Question
    reading: "set[concurrent.futures.Future[Any]]"

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[Series]:
        return self.wait(self.series.select(matchers, start_ms, end_ms))

    def leave(self) -> None:
        """Nobody waits any more. Called from the loop."""
        self.question.leave()
        for future in tuple(self.reading):
            future.cancel()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        self.reading.add(future)
        try:
            return future.result(self.question.seconds_left)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise QueryTimeoutError("query timed out in expression evaluation") from None
        except StoreError as error:
            if error.code != QueryTimeoutError.code:
                raise
            slow = error.exception_code == _TOO_SLOW
            raise QueryTimeoutError(error.message) if slow else LimitError(error.message) from None
        except concurrent.futures.CancelledError:
            raise QueryCanceledError("query was canceled in expression evaluation") from None
        finally:
            self.reading.discard(future)


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
        self, series: StoredSeries, work: Callable[[LoopSource, Question], T], *, name: str, seconds: float
    ) -> T:
        """What `work` makes of a source, in a thread.

        Raises:
            QueryError: the engine's refusal, a limit or the time.
            StoreError: the store did not answer.
            Unavailable: too many run already.
        """
        source = LoopSource(series, asyncio.get_running_loop(), Question(seconds), set())
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
