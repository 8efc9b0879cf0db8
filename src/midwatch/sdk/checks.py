"""Checks of what a service needs: run together, each within its time, and shared by all who ask at once.

A check that hangs holds one thread of its own, and is not started again before it is back.
"""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

TIMEOUT_SECONDS = 2.0
CACHE_SECONDS = 1.0
"""Several probes and balancers ask at once; what is checked is asked once for them all."""
CHECKS_MAX = 64
STILL_RUNNING, TIMED_OUT = "still running", "timed out"

Call = Callable[[], Any] | Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Result:
    name: str
    healthy: bool
    latency_seconds: float
    error: str = ""
    """What it says to anybody: the kind of failure. Hosts and accounts stand in the log line."""
    failure: BaseException | None = None


@dataclass(slots=True)
class Check:
    """One thing to ask. It is healthy when its call returns, and returns anything but False, in time."""

    name: str
    call: Call
    timeout_seconds: float = TIMEOUT_SECONDS
    _running: Future[Any] | None = None

    def start(self, loop: asyncio.AbstractEventLoop | None) -> "_Run":
        """Coroutines run on the loop of whoever asks, where their pools live; the rest in a thread."""
        if self._running is not None and not self._running.done():
            return _Run(self, self._running, again=True)
        if loop is not None and inspect.iscoroutinefunction(self.call):
            self._running = asyncio.run_coroutine_threadsafe(self.call(), loop)
        else:
            self._running = Future()
            run = threading.Thread(
                target=_call_into, args=(self._running, self.call), name=f"midwatch-check-{self.name}", daemon=True
            )
            run.start()
        return _Run(self, self._running)


class _Run:
    """One time that a check was started, or found to be running still."""

    def __init__(self, check: Check, future: Future[Any], *, again: bool = False) -> None:
        self.check = check
        self.future = future
        self._again = again
        self._started, self._done = perf_counter(), 0.0
        future.add_done_callback(self._note)

    def _note(self, _: Future[Any]) -> None:
        self._done = perf_counter()

    @property
    def left_seconds(self) -> float:
        return max(0.0, self._started + self.check.timeout_seconds - perf_counter())

    def result(self) -> Result:
        """As far as it is known by now."""
        name, timeout = self.check.name, self.check.timeout_seconds
        seconds = (self._done or perf_counter()) - self._started
        if not self.future.done() or seconds > timeout:
            return Result(name, False, seconds, STILL_RUNNING if self._again else TIMED_OUT)
        failure = self.future.exception() if not self.future.cancelled() else asyncio.CancelledError()
        if failure is not None:
            return Result(name, False, seconds, type(failure).__name__, failure)
        healthy = self.future.result() is not False
        return Result(name, healthy, seconds, "" if healthy else "said no")


@dataclass(slots=True)
class Checks:
    """All checks of a service. Any thread and any loop may ask."""

    checks: list[Check] = field(default_factory=list)
    cache_seconds: float = CACHE_SECONDS
    _round: tuple[float, list[_Run]] = (float("-inf"), [])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, name: str, call: Call, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """Raises ValueError for a name that is taken, and for more than 64."""
        if len(self.checks) >= CHECKS_MAX or any(one.name == name for one in self.checks):
            raise ValueError(f"cannot add check {name!r}: expected a new name, and no more than {CHECKS_MAX}")
        self.checks.append(Check(name, call, timeout_seconds))

    def ask(self) -> list[Result]:
        """From a thread that may wait; never from an event loop."""
        runs = self._runs(None)
        for run in runs:
            wait((run.future,), run.left_seconds)
        return [run.result() for run in runs]

    async def ask_async(self) -> list[Result]:
        runs = self._runs(asyncio.get_running_loop())
        for run in runs:
            if not run.future.done():
                # `wait` cancels nothing when the time is over: the future belongs to all who asked.
                answer = asyncio.wrap_future(run.future)
                answer.add_done_callback(_looked_at)
                await asyncio.wait((answer,), timeout=run.left_seconds)
        return [run.result() for run in runs]

    def _runs(self, loop: asyncio.AbstractEventLoop | None) -> list[_Run]:
        with self._lock:
            at, runs = self._round
            if perf_counter() - at >= self.cache_seconds:
                runs = [check.start(loop) for check in self.checks]
                self._round = perf_counter(), runs
            return runs


def report(results: list[Result]) -> Mapping[str, Any]:
    """By name: healthy, latency in milliseconds, and what kind of failure."""
    return {
        one.name: {"healthy": one.healthy, "latency_ms": round(one.latency_seconds * 1000, 2)}
        | ({"error": one.error} if one.error else {})
        for one in results
    }


def _looked_at(answer: asyncio.Future[Any]) -> None:
    """What it failed with is told by `_Run.result`; asyncio would tell it as an error that nobody had looked at."""
    if not answer.cancelled():
        answer.exception()


def _call_into(future: Future[Any], call: Call) -> None:
    try:
        answer = call()
        if inspect.isawaitable(answer):
            answer = asyncio.run(_awaited(answer))
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(answer)


async def _awaited(answer: Awaitable[Any]) -> Any:
    return await answer
