"""An event loop's lag and how busy it is.

A timer that comes late tells of what kept the loop: one every quarter of a second, 10 µs each.
"""

import asyncio
import selectors
import time
from collections.abc import Callable
from contextvars import Context
from typing import Any
from weakref import WeakSet

from midwatch.sdk.guard import guarded
from midwatch.sdk.setup import METRICS
from midwatch.sdk.workers import BUSY, SLOTS

EVERY_SECONDS = 0.25
LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
WORKER = "event_loop"

_LAG = METRICS.histogram("event_loop_lag_seconds", "How late a timer of the event loop comes", buckets=LAG_BUCKETS)
_watched: "WeakSet[Any]" = WeakSet()


@guarded
def watch() -> None:
    """The running loop, until it is closed; again is no more."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        # Another library's, such as Trio's.
        return
    if loop not in _watched:
        _watched.add(loop)
        Watched(loop).begin()


class Watched:
    def __init__(self, loop: Any) -> None:
        self._loop = loop
        self._busy_seconds = _busy_clock(loop)
        self._lag = _LAG.labels()
        self._busy = BUSY.labels(worker=WORKER)
        SLOTS.set(1, worker=WORKER)

    def begin(self) -> None:
        self._was_busy = self._busy_seconds()
        self._wait()

    def _wait(self) -> None:
        self._due = time.monotonic() + EVERY_SECONDS
        # In no context: who happened to be served when it began must not be held for ever.
        self._loop.call_later(EVERY_SECONDS, self._tick, context=Context())

    def _tick(self) -> None:
        self._told()
        self._wait()

    @guarded
    def _told(self) -> None:
        self._lag.observe(max(0.0, time.monotonic() - self._due))
        busy = self._busy_seconds()
        self._busy.inc(max(0.0, busy - self._was_busy))
        self._was_busy = busy


def _busy_clock(loop: Any) -> Callable[[], float]:
    """Seconds in which the loop did not wait for what comes next.

    Of asyncio's own loops by timing its selector (0.35 µs an iteration); of others, such as uvloop, the CPU time of its
    thread: what blocks without working, such as `time.sleep`, is seen as lag there and not as work.
    """
    selector = getattr(loop, "_selector", None)
    if not isinstance(selector, selectors.BaseSelector):
        return time.thread_time
    select, began, idle = selector.select, time.monotonic(), 0.0

    def timed(timeout: float | None = None) -> Any:
        nonlocal idle
        since = time.monotonic()
        try:
            return select(timeout)
        finally:
            idle += time.monotonic() - since

    selector.select = timed  # type: ignore[method-assign]
    return lambda: time.monotonic() - began - idle
