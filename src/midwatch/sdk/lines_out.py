"""Lines on their way to stdout: written at once where there is room, kept within bounds where there is none."""

import atexit
import io
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from midwatch.sdk import forks
from midwatch.sdk.problems import Problems
from midwatch.sdk.streams import write_now

WAITING_BYTES_MAX = 4 << 20
"""Of lines that nobody has read yet; what is beyond is counted and gone."""
TRY_AGAIN_SECONDS = 0.01
END_SECONDS = 1.0
LINES, NOT_READ, CLOSED = "lines", "not_read", "closed"


class LinesOut:
    """Writes whole lines to what `find` says is the stream; any thread may, and none waits for its reader."""

    def __init__(self, problems: Problems, find: Callable[[], Any] = lambda: sys.stdout) -> None:
        self._problems = problems
        self._find = find
        self._stream: Any = None
        self._fd = -1
        self._begin()
        forks.in_child(self._begin)

    def write(self, line: bytes) -> None:
        try:
            stream = self._find()
            if stream is not self._stream:
                self._stream, self._fd = stream, _descriptor(stream)
            if self._fd >= 0:
                with self._lock:
                    # What waits goes first.
                    written = 0 if self._waiting else write_now(self._fd, line)
                    if written < len(line):
                        self._keep(line, written)
            elif stream is not None:
                _write_through(stream, line)
        except Exception as error:
            # The records are still sent. Somebody's own stream may raise anything.
            self._problems.failed(LINES, CLOSED, error)

    def end(self, seconds: float = END_SECONDS) -> None:
        """Give the reader this long to take what waits."""
        until = time.monotonic() + seconds
        while self._waiting and time.monotonic() < until:
            if not self._drain():
                time.sleep(TRY_AGAIN_SECONDS)
        with self._lock:
            left, self._waiting_bytes = len(self._waiting), 0
            self._waiting.clear()
        if left:
            self._problems.dropped(LINES, NOT_READ, left, "the process ended before anybody read them")

    def _begin(self) -> None:
        """Also in the child of a fork: what waits is the parent's to write."""
        self._lock = threading.RLock()
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._thread: threading.Thread | None = None

    def _keep(self, line: bytes, written: int) -> None:
        """What was not written of a line, for the thread to write; under the lock."""
        if not written and self._waiting_bytes + len(line) > WAITING_BYTES_MAX:
            self._problems.dropped(LINES, NOT_READ, 1, "whoever reads stdout does not keep up")
            return
        self._waiting.append(line[written:])
        self._waiting_bytes += len(line) - written
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="midwatch-lines", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            # No thread to be had, or the interpreter is leaving: the next line, or the end, tries again.
            self._thread = None
        atexit.unregister(self.end)
        atexit.register(self.end)

    def _run(self) -> None:
        """Until nothing waits any more."""
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
            if not self._drain():
                time.sleep(TRY_AGAIN_SECONDS)

    def _drain(self) -> bool:
        """Write the oldest that waits; False where there is no room for it."""
        with self._lock:
            if not self._waiting:
                return True
            first = self._waiting[0]
            try:
                written = write_now(self._fd, first)
            except OSError as error:
                written = len(first)
                self._problems.failed(LINES, CLOSED, error)
            self._waiting_bytes -= written
            if written < len(first):
                self._waiting[0] = first[written:]
                return False
            self._waiting.popleft()
            return True


def _descriptor(stream: Any) -> int:
    """The stream's own, where writing to it is the same as writing to the stream; else -1."""
    if not isinstance(stream, io.TextIOWrapper):
        return -1
    try:
        return stream.fileno()
    except (OSError, ValueError):
        return -1


def _write_through(stream: Any, line: bytes) -> None:
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        stream.write(line.decode())
    else:
        buffer.write(line)
        buffer.flush()
