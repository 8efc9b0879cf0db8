"""The stored series for an engine that runs in a thread, and a question's end."""

import asyncio
import concurrent.futures
import threading
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from midwatch.server.model.errors import MidwatchError, StoreError
from midwatch.server.promql import EngineOptions
from midwatch.server.promql.block import Block, nothing, stack
from midwatch.server.promql.errors import LimitError, QueryCanceledError, QueryTimeoutError
from midwatch.server.promql.floats import Ints
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.limits import Budget
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.storage import RangeRequest, Series
from midwatch.server.promql.syntax.ast import Aggregate, Expr, VectorSelector
from midwatch.server.query.metrics.derived.series import COUNTED, DerivedSeries
from midwatch.server.query.metrics.grids import Steps
from midwatch.server.query.metrics.pushdown import Pushing, evaluated, finished, range_call, without_ended
from midwatch.server.query.metrics.source import StoredSeries

ANSWER_SECONDS = 5.0
_TOO_SLOW = 159
"""ClickHouse's exception code for a statement that took longer than it may."""
_TIMED_OUT = "query timed out in expression evaluation"
T = TypeVar("T")


class Question:
    """One question's end: by time, or because nobody waits for it. Safe between threads."""

    def __init__(self, seconds: float, gone: threading.Event | None = None) -> None:
        self._until = time.monotonic() + seconds
        self._gone = gone or threading.Event()

    def within(self, seconds: float) -> "Question":
        """A part of it that may take so long, and ends with it."""
        return Question(min(seconds, self.seconds_left), self._gone)

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
    """A `SeriesSource` and `PushDown` for a thread; reads in the loop, and waits as long as the question may."""

    series: StoredSeries
    pushing: Pushing
    options: EngineOptions
    loop: asyncio.AbstractEventLoop
    question: Question
    reading: "set[concurrent.futures.Future[Any]]"
    derived: DerivedSeries
    """What is computed of spans and log records, beside what is stored as series."""

    def limited(self, seconds: float) -> "LoopSource":
        """The same for one of several questions that are asked together."""
        return replace(self, question=self.question.within(seconds))

    def is_stored(self, matchers: Sequence[Matcher]) -> bool:
        """Whether nothing that fits is computed of spans and log records."""
        return not self.derived.named(matchers)

    def count(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> int:
        """Stored series that fit."""
        return self.wait(self.series.count(matchers, start_ms, end_ms))

    def answers(self) -> bool:
        """Whether the store answers anybody now."""
        try:
            return self.limited(ANSWER_SECONDS).wait(self.series.answers())
        except (MidwatchError, QueryTimeoutError):
            return False

    def select(self, matchers: Sequence[Matcher], start_ms: int, end_ms: int) -> list[Series]:
        stored = self.wait(self.series.select(matchers, start_ms, end_ms))
        return stored + self.derived.samples(matchers, start_ms, end_ms, self.wait)

    def range_function(self, request: RangeRequest) -> Block | None:
        kind = self.pushing.kind_of(request.function)
        steps = Steps.of(request.times_ms, request.selector.range_ms)
        if kind is None or steps is None or not steps.held:
            return None
        matchers = request.selector.selector.matchers
        if self.derived.named(matchers) and request.function not in COUNTED:
            return None
        pushed = self.wait(self.pushing.pushed(kind, matchers, steps, stale=False))
        if pushed is None:
            return None
        rest = self._evaluated(pushed.odd, range_call(request), request.grid, self.options)
        derived = self.derived.increases(request.function, matchers, steps, self.wait)
        return stack([finished(request.function, pushed.block), rest, derived], request.grid.steps)

    def instant(self, selector: VectorSelector, times_ms: Ints, lookback_ms: int) -> Block | None:
        kind, steps = self.pushing.instant_kind(), Steps.of(times_ms, lookback_ms)
        if kind is None or steps is None or not steps.held or selector.smoothed or selector.anchored:
            return None
        pushed = self.wait(self.pushing.pushed(kind, selector.matchers, steps, stale=True))
        if pushed is None:
            return None
        grid = Grid(steps.start_ms, steps.end_ms, steps.step_ms)
        at = replace(selector, at_ms=None, offset_ms=0)
        rest = self._evaluated(pushed.odd, at, grid, replace(self.options, lookback_ms=lookback_ms))
        derived = self.derived.readings(selector.matchers, steps, self.wait)
        return stack([without_ended(pushed.block), rest, derived], len(times_ms))

    def aggregate(self, aggregate: Aggregate, grid: Grid) -> Block | None:
        """Never: what crosses from the store is a number a series and step, and adding them costs less than a join."""
        return None

    def _evaluated(self, series: list[Series], expr: Expr, grid: Grid, options: EngineOptions) -> Block:
        if not series:
            return nothing(grid.steps)
        return evaluated(series, expr, grid, options, Budget(options, self.question.over))

    def leave(self) -> None:
        """Nobody waits any more. Called from the loop."""
        self.question.leave()
        for future in tuple(self.reading):
            future.cancel()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            ended = self.question.over()
        except QueryCanceledError:
            work.close()
            raise
        if ended:
            work.close()
            raise QueryTimeoutError(_TIMED_OUT)
        future = asyncio.run_coroutine_threadsafe(work, self.loop)
        self.reading.add(future)
        try:
            return future.result(self.question.seconds_left)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise QueryTimeoutError(_TIMED_OUT) from None
        except StoreError as error:
            if error.code != QueryTimeoutError.code:
                raise
            slow = error.exception_code == _TOO_SLOW
            raise QueryTimeoutError(error.message) if slow else LimitError(error.message) from None
        except concurrent.futures.CancelledError:
            raise QueryCanceledError("query was canceled in expression evaluation") from None
        finally:
            self.reading.discard(future)
