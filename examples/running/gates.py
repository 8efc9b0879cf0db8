"""What stands between a system and its database or Redis: passes everything on until somebody closes it."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

PIECE_BYTES = 1 << 16


@dataclass
class Gate:
    """A TCP port of this machine in front of `host`:`port`."""

    host: str
    port: int
    at: int = 0
    delay: float = 0.0
    closed: bool = False
    _server: asyncio.Server | None = None
    _passing: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self) -> "Gate":
        self._server = await asyncio.start_server(self._passed, "127.0.0.1", self.at)
        self.at = self._server.sockets[0].getsockname()[1]
        return self

    def close(self) -> None:
        self.closed = True
        for writer in tuple(self._passing):
            writer.transport.abort()

    def open(self) -> None:
        self.closed = False

    def slow(self, seconds: float) -> None:
        self.delay = seconds

    async def stop(self) -> None:
        self.close()
        if self._server is not None:
            self._server.close()

    async def _passed(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.closed:
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection(self.host, self.port)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, back}
        self._passing |= both
        try:
            await asyncio.gather(self._pass(reader, back, delayed=True), self._pass(there, writer, delayed=False))
        finally:
            self._passing -= both
            for one in both:
                one.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, delayed: bool) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while piece := await reader.read(PIECE_BYTES):
                if delayed and self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(piece)
                await writer.drain()
        with contextlib.suppress(OSError, RuntimeError):
            writer.write_eof()


async def gate_before(url: str, default_port: int) -> tuple[Gate, str]:
    """A gate before what `url` names, and the URL that leads through it."""
    parts = urlsplit(url)
    gate = await Gate(parts.hostname or "127.0.0.1", parts.port or default_port).start()
    name, at, _ = parts.netloc.rpartition("@")
    return gate, urlunsplit(parts._replace(netloc=f"{name}{at}127.0.0.1:{gate.at}"))
