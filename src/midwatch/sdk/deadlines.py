"""Calls that are made when a time has come, unless what they wait for came first: one thread for all of them."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from time import monotonic

from midwatch.sdk.guard import Guard
from midwatch.sdk.problems import Problems

WAITING_MAX = 10_000
"""Each is some hundred bytes; what comes beyond is not watched, and counted."""
CANCELLED_KEPT = 1000


@dataclass(order=True, slots=True)
class Deadline:
    at: float
    call: Callable[[], None] = field(compare=False)
    over: bool = field(default=False, compare=False)


class Deadlines:
    """Any thread may add and cancel."""

    def __init__(self, problems: Problems, *, waiting_max: int = WAITING_MAX) -> None:
        self._problems = problems
        self._waiting_max = waiting_max
        self._guard = Guard("deadlines", problems)
        self._start_again()
        os.register_at_fork(after_in_child=self._start_again)

    def _start_again(self) -> None:
        """Also in the child of a fork: no thread came along, and what waits is the parent's."""
        self._changed = threading.Condition()
        self._heap: list[Deadline] = []
        self._waiting = 0
        self._thread: threading.Thread | None = None

    def add(self, seconds: float, call: Callable[[], None]) -> Deadline | None:
        """`call` is made in so many seconds, on our thread; None where too many wait."""
        with self._changed:
            if self._waiting >= self._waiting_max:
                self._problems.dropped("deadlines", "too_many", 1)
                return None
            added = Deadline(monotonic() + seconds, call)
            heappush(self._heap, added)
            self._waiting += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="midwatch-deadlines", daemon=True)
                self._thread.start()
            elif self._heap[0] is added:
                self._changed.notify()
            return added

    def cancel(self, deadline: Deadline | None) -> bool:
        """True when the call was still to be made and now is not."""
        if deadline is None:
            return False
        with self._changed:
            if deadline.over:
                return False
            deadline.over = True
            self._waiting -= 1
            # Those of jobs that end long before their limit would fill the heap until it has passed.
            if len(self._heap) > 2 * self._waiting + CANCELLED_KEPT:
                self._heap = [one for one in self._heap if not one.over]
                heapify(self._heap)
            return True

    def _run(self) -> None:
        while True:
            due = self._next()
            with self._guard:
                due.call()

    def _next(self) -> Deadline:
        with self._changed:
            while True:
                first = self._heap[0] if self._heap else None
                if first is not None and first.over:
                    heappop(self._heap)
                elif first is not None and first.at <= monotonic():
                    heappop(self._heap)
                    first.over = True
                    self._waiting -= 1
                    return first
                else:
                    self._changed.wait(None if first is None else first.at - monotonic())
