"""The ends of a process, at each of which what waits is to be sent: its own, SIGTERM, and those of pools' workers.

Workers of `multiprocessing` and of Celery's pool (billiard) end without Python's own end (`os._exit`), after they have
run the finalizers of their library: ours is one of them there.
"""

import _thread
import atexit
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from midwatch.sdk import forks

SIGTERM_SECONDS = 2.0
HANGING_SECONDS = 3.0
SIGNAL_SECONDS = 1.0
"""For a signal that was sent to come."""
LIBRARIES = ("multiprocessing", "billiard")

End = Callable[[float], None]


class Endings:
    """Calls `end` with the seconds that it may take, at whichever end comes first; a second time is harmless."""

    def __init__(self, end: End, seconds: float) -> None:
        self._end = end
        self._seconds = seconds
        self._watched: set[str] = set()
        self._begin()
        atexit.register(self._leave)
        self._watch_workers()
        forks.in_child(self._forked)
        self._watch_sigterm()

    def cancel(self) -> None:
        """It has ended already."""
        atexit.unregister(self._leave)
        self._end = _nothing

    def _begin(self) -> None:
        self._ending = threading.RLock()
        self._by_signal = False

    def _leave(self) -> None:
        """One after the other: who comes second waits until all was sent."""
        self._in_turn(self._seconds)
        if self._by_signal:
            # The main thread has come to its end by itself meanwhile: the signal is still what ends the process.
            threading.Event().wait(SIGNAL_SECONDS)

    def _in_turn(self, seconds: float) -> None:
        # Whoever ends it already has its own time, and takes a little longer to come back from a server that hangs.
        if self._ending.acquire(timeout=self._seconds + HANGING_SECONDS):
            try:
                self._end(seconds)
            finally:
                self._ending.release()

    def _watch_workers(self) -> None:
        for library in LIBRARIES:
            util: Any = sys.modules.get(f"{library}.util")
            if util is None or library in self._watched:
                continue
            self._watched.add(library)
            # A worker forgets all finalizers where it begins, then runs what is registered here.
            util.register_after_fork(self, lambda own, util=util: own._finalize(util))
            parent = getattr(sys.modules.get(f"{library}.process"), "parent_process", None)
            if parent is not None and parent() is not None:
                # It has begun already: its function calls `init`.
                self._finalize(util)

    def _forked(self) -> None:
        self._begin()
        self._watch_workers()

    def _finalize(self, util: Any) -> None:
        util.Finalize(None, self._leave, exitpriority=0)

    def _watch_sigterm(self) -> None:
        """Where nobody handles SIGTERM, the process would end without a word."""
        if threading.current_thread() is not threading.main_thread():
            return
        if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
            with contextlib.suppress(ValueError):
                signal.signal(signal.SIGTERM, self._terminated)

    def _terminated(self, number: int, _: FrameType | None) -> None:
        """Not here: whoever is interrupted may hold a lock that sending needs. A second SIGTERM ends at once."""
        signal.signal(number, signal.SIG_DFL)
        self._by_signal = True
        _thread.start_new_thread(self._end_by_signal, (number,))

    def _end_by_signal(self, number: int) -> None:
        try:
            self._in_turn(SIGTERM_SECONDS)
        finally:
            os.kill(os.getpid(), number)


def _nothing(_: float) -> None:
    return
