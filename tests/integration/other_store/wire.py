"""The network between a server and its store: can be cut, held up, spied on, and put behind TLS."""

import asyncio
import ctypes
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
CHUNK_BYTES = 1 << 16
SO_ATTACH_FILTER = 26
_DROP_ALL = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
"""A packet filter (classic BPF) of one instruction: pass nothing."""


def drop_all(one: socket.socket) -> None:
    """The kernel takes nothing in for this socket any more. Raises PermissionError where it does so for root alone."""
    one.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(_DROP_ALL)))


def _can_vanish() -> bool:
    with socket.socket() as one:
        try:
            drop_all(one)
        except PermissionError:
            return False
        return True


CAN_VANISH = _can_vanish()
WHY_NOT = "this machine lets only root put a packet filter on a socket"


class Wire:
    """A TCP proxy on a port of its own, which it keeps while nobody answers there."""

    def __init__(self, store_port: int, *, tls: ssl.SSLContext | None = None) -> None:
        self._store_port = store_port
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._flows = asyncio.Event()
        self.port = 0
        self.sent = bytearray()
        """All that went towards the store, decrypted."""
        self.answer: Callable[[bytes], bytes | None] = lambda _request: None
        """Answers a request in place of the store, or leaves it to the store with None."""
        self.loses: Callable[[bytes], bool] = lambda _answer: False
        """Whether the connection breaks instead of bringing this answer of the store."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def up(self) -> None:
        """Let connections through."""
        self._call(self._up())

    def down(self) -> None:
        """Break every connection and refuse new ones."""
        self._call(self._down())

    def cut(self) -> None:
        """Break every connection; new ones go through."""
        self._call(self._cut())

    def forget(self) -> None:
        """Swallow every packet of the connections there are, as a router that forgot them does; new ones go through."""
        self._call(self._forget())

    def hold(self) -> None:
        """Take connections and bytes, and pass nothing on, as a store that hangs does."""
        self._loop.call_soon_threadsafe(self._flows.clear)

    def release(self) -> None:
        self._loop.call_soon_threadsafe(self._flows.set)

    def close(self) -> None:
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _up(self) -> None:
        self._flows.set()
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _down(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._cut()

    async def _cut(self) -> None:
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _forget(self) -> None:
        """The kernel takes nothing in for these sockets any more: it acknowledges no data, no probe and no end."""
        for writer in self._writers:
            drop_all(writer.get_extra_info("socket"))

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._relay(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._store_port)
        ways = (self._there(reader, writer, back), self._back(there, writer))
        self._writers.add(writer)
        try:
            await asyncio.gather(*ways)
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            for one in (writer, back):
                one.transport.abort()

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, store: Any) -> None:
        while chunk := await reader.read(CHUNK_BYTES):
            self.sent += chunk
            if (answer := self.answer(chunk)) is not None:
                writer.write(answer)
                continue
            await self._flows.wait()
            store.write(chunk)
            await store.drain()
        store.transport.abort()

    async def _back(self, store: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await store.read(CHUNK_BYTES):
            await self._flows.wait()
            if self.loses(chunk):
                break
            writer.write(chunk)
            await writer.drain()
        writer.transport.abort()


def refusal(code: int, text: str) -> bytes:
    """What a ClickHouse server answers when it will not."""
    body = f"Code: {code}. DB::Exception: {text}\n"
    head = f"HTTP/1.1 403 Forbidden\r\nX-ClickHouse-Exception-Code: {code}\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()
