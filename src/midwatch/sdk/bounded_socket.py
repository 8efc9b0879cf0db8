"""A socket whose every conversation ends by a time: a server that answers a byte a second holds nobody up for ever."""

import io
import socket
import time
from collections.abc import Callable
from typing import Any

SECONDS_MIN = 0.001


class BoundedSocket:
    """What `http.client` needs of a socket, within `seconds` from `begin` on."""

    def __init__(
        self, connected: socket.socket, seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._socket = connected
        self._seconds = seconds
        self._monotonic = monotonic
        self._readers = 0
        self._closed = False
        self.begin()

    def begin(self) -> None:
        """The next conversation: its time runs from here."""
        self._until = self._monotonic() + self._seconds

    def sendall(self, data: Any) -> None:
        self._limit()
        self._socket.sendall(data)

    def makefile(self, _: str) -> io.BufferedReader:
        self._readers += 1
        return io.BufferedReader(_Reader(self))

    def receive(self, into: Any) -> int:
        self._limit()
        return self._socket.recv_into(into)

    def close(self) -> None:
        """When the answer that is being read is read, too."""
        self._closed = True
        if not self._readers:
            self._socket.close()

    def release(self) -> None:
        self._readers -= 1
        if self._closed:
            self.close()

    def abort(self) -> None:
        """From another thread: whoever waits here waits no more."""
        self._socket.shutdown(socket.SHUT_RDWR)

    def _limit(self) -> None:
        left = self._until - self._monotonic()
        if left <= 0:
            raise TimeoutError(f"no whole answer within {self._seconds:g} s")
        self._socket.settimeout(max(SECONDS_MIN, left))


class _Reader(io.RawIOBase):
    def __init__(self, of: BoundedSocket) -> None:
        super().__init__()
        self._of = of

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        return self._of.receive(into)

    def close(self) -> None:
        if not self.closed:
            self._of.release()
        super().close()
