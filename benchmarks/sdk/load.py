"""A client that costs little: GET over kept connections, as fast as it is answered."""

import asyncio
from collections.abc import Iterator
from typing import cast

CONNECTIONS = 16


class _Client(asyncio.Protocol):
    """One connection; the app's answers are small and come in one piece."""

    def __init__(self, numbers: Iterator[int], path: str, done: asyncio.Future[None]) -> None:
        self._numbers = numbers
        self._path = path
        self._done = done
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is no subclass of asyncio.Transport.
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, ended, body = self._buffer.partition(b"\r\n\r\n")
        if not ended:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self._fail(RuntimeError(head.decode()))
            return
        self._buffer = b""
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(error or ConnectionError("the app has closed a connection"))

    def _ask(self) -> None:
        number = next(self._numbers, None)
        if number is None:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.abort()
            return
        self._transport.write(
            f"GET {self._path}/{number}?page=2 HTTP/1.1\r\nHost: 127.0.0.1:80\r\nUser-Agent: load/1\r\n"
            "Accept: */*\r\n\r\n".encode()
        )

    def _fail(self, error: Exception) -> None:
        if not self._done.done():
            self._done.set_exception(error)


async def ask(port: int, path: str, requests: int) -> float:
    """So many requests; the seconds that they took."""
    loop = asyncio.get_running_loop()
    numbers = iter(range(requests))
    done = [loop.create_future() for _ in range(CONNECTIONS)]
    started = loop.time()
    for one in done:
        await loop.create_connection(lambda one=one: _Client(numbers, path, one), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*done)
    return loop.time() - started
