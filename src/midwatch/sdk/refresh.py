"""Values that are asked for and not counted, kept fresh where another process answers scrapes for this one."""

import threading
from collections.abc import Callable

from midwatch.sdk import forks

SECONDS = 5.0


class Refresh:
    """Calls `read` every few seconds, in a thread of its own: it may wait for others."""

    def __init__(self, read: Callable[[], None], seconds: float = SECONDS) -> None:
        self._read = read
        self._seconds = seconds
        self._start()
        forks.in_child(self._start)

    def _start(self) -> None:
        """Also in the child of a fork, where no thread came along."""
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="midwatch-metrics", daemon=True).start()

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            self._read()

    def end(self) -> None:
        self._ended.set()
