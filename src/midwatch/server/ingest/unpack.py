"""Bodies unpacked as they come in: gzip, deflate, brotli, zstd, snappy. A bomb costs its sender a 413, us a little."""

import asyncio
import zlib
from collections.abc import AsyncIterator
from typing import Any, Protocol

import brotli  # type: ignore[import-untyped]

from midwatch.server.ingest.snappy import block_size, unpack_block
from midwatch.server.model.errors import BadRequest, RateLimited, TooLarge, UnsupportedMedia
from midwatch.server.model.zstd import ZstdDecompressor, ZstdError

BODY_BYTES_MAX = 64 << 20
"""After decompression, as the OTLP specification recommends."""
STEP_BYTES = 1 << 20
"""Unpacked at once on the event loop (about 2 ms); what is longer goes on in a thread."""
SNAPPY = "snappy"
BODIES_BYTES_MAX = 256 << 20
"""Of all bodies together that are being read, unpacked and checked."""
BODY_SECONDS_MAX = 120.0
"""For one body to come in."""


class Budget:
    """Bytes of bodies in memory, over all senders."""

    def __init__(self, bytes_max: int = BODIES_BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self.bytes = 0

    def take(self, count: int) -> None:
        """
        Raises:
            RateLimited: as much is being read as may be.
        """
        if self.bytes + count > self._bytes_max:
            raise RateLimited(
                f"cannot take the body: {self.bytes:,} bytes of other bodies are being read",
                retry_after_seconds=1,
                code="too_many_bodies",
            )
        self.bytes += count

    def give_back(self, count: int) -> None:
        self.bytes -= count


async def read_body(chunks: AsyncIterator[bytes], encoding: str, budget: Budget) -> bytes:
    """The whole body, unpacked, never more than the limit in memory. Its bytes stay taken from the budget.

    Raises:
        TooLarge: over the limit, before or after unpacking.
        UnsupportedMedia: an encoding that is not read.
        BadRequest: packed data that is damaged or torn, or a body that takes too long.
        RateLimited: too many bodies at once.
    """
    unpacker = _unpacker(encoding)
    collected = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            async for chunk in chunks:
                if unpacker is None:
                    _collect(collected, chunk, budget)
                else:
                    await _unpack(unpacker, chunk, collected, budget)
        if unpacker is not None and not unpacker.whole():
            raise BadRequest(f"cannot unpack the body: the {encoding} data ends too early", code="bad_encoding")
        if _named(encoding) == SNAPPY:
            return await _unpack_block(collected, budget)
    except TimeoutError:
        budget.give_back(len(collected))
        raise BadRequest(
            f"cannot read the body: not all of it came in {BODY_SECONDS_MAX:g} s", code="body_too_slow"
        ) from None
    except BaseException:
        budget.give_back(len(collected))
        raise
    return bytes(collected)


def begin_of(packed: bytes, encoding: str, bytes_max: int) -> bytes:
    """So much of a body's beginning as the bytes at hand hold; nothing where they cannot be unpacked."""
    try:
        unpacker = _unpacker(encoding)
        return packed[:bytes_max] if unpacker is None else unpacker.step(packed, bytes_max)
    except UnsupportedMedia:
        return b""
    except _errors():
        return b""


async def _unpack_block(collected: bytearray, budget: Budget) -> bytes:
    """The whole block; the budget then counts what came out instead of what came in."""
    packed = bytes(collected)
    size = block_size(packed, BODY_BYTES_MAX)
    budget.take(size)
    try:
        body = unpack_block(packed) if size <= STEP_BYTES else await asyncio.to_thread(unpack_block, packed)
    except BaseException:
        budget.give_back(size)
        raise
    budget.give_back(len(packed))
    return body


def _collect(collected: bytearray, piece: bytes, budget: Budget) -> None:
    if len(collected) + len(piece) > BODY_BYTES_MAX:
        raise TooLarge(
            f"cannot take the body: over {BODY_BYTES_MAX >> 20} MiB once unpacked; send smaller batches",
            code="body_too_large",
        )
    budget.take(len(piece))
    collected += piece


async def _unpack(unpacker: "_Unpacker", chunk: bytes, collected: bytearray, budget: Budget) -> None:
    data, first = chunk, True
    while True:
        try:
            piece = (
                unpacker.step(data, STEP_BYTES) if first else await asyncio.to_thread(unpacker.step, data, STEP_BYTES)
            )
        except _errors() as error:
            raise BadRequest(f"cannot unpack the body: {error}", code="bad_encoding") from None
        _collect(collected, piece, budget)
        if not unpacker.more():
            return
        data, first = b"", len(piece) < STEP_BYTES


class _Unpacker(Protocol):
    def step(self, data: bytes, bytes_max: int) -> bytes:
        """At most so many bytes of output; `data` is new input, or empty to go on."""
        ...

    def more(self) -> bool:
        """True when another step may give output without new input."""
        ...

    def whole(self) -> bool:
        """True when the input may end here."""
        ...


def _named(encoding: str) -> str:
    return encoding.strip().lower()


def _unpacker(encoding: str) -> _Unpacker | None:
    name = _named(encoding)
    if name in ("", "identity", SNAPPY):
        return None
    if name in ("gzip", "x-gzip"):
        return _Zlib(31)
    if name == "deflate":
        return _Deflate()
    if name == "zstd":
        return _Zstd()
    if name == "br":
        return _Brotli()
    raise UnsupportedMedia(f"content-encoding={encoding[:60]!r}: expected gzip, deflate, br, zstd, snappy or none")


class _Zlib:
    """One or several members, one after another (RFC 1952)."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._state: Any = zlib.decompressobj(window)
        self._rest = b""
        self._begun = False
        self._full = False

    def step(self, data: bytes, bytes_max: int) -> bytes:
        rest = self._rest + data
        if self._state.eof:
            rest = rest.lstrip(b"\0")
            if not rest:
                self._rest, self._full = b"", False
                return b""
            self._state = zlib.decompressobj(self._window)
        self._begun = self._begun or bool(rest)
        piece: bytes = self._state.decompress(rest, bytes_max)
        self._rest = self._state.unused_data if self._state.eof else self._state.unconsumed_tail
        self._full = len(piece) == bytes_max
        return piece

    def more(self) -> bool:
        return bool(self._rest) or (self._full and not self._state.eof)

    def whole(self) -> bool:
        return bool(self._state.eof) or not self._begun


class _Deflate:
    """zlib data (RFC 1950) as HTTP means it, or the bare deflate data that some senders mean by it."""

    def __init__(self) -> None:
        self._inner: _Zlib | None = None
        self._start = b""

    def step(self, data: bytes, bytes_max: int) -> bytes:
        if self._inner is None:
            self._start += data
            if len(self._start) < 2:
                return b""
            data = self._start
            zlib_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._inner = _Zlib(15 if zlib_header else -15)
        return self._inner.step(data, bytes_max)

    def more(self) -> bool:
        return self._inner is not None and self._inner.more()

    def whole(self) -> bool:
        return self._inner.whole() if self._inner is not None else not self._start


class _Zstd:
    """One or several frames, one after another (RFC 8878)."""

    def __init__(self) -> None:
        self._state = ZstdDecompressor()
        self._rest = b""
        self._begun = False

    def step(self, data: bytes, bytes_max: int) -> bytes:
        rest = self._rest + data
        self._rest = b""
        if self._state.eof:
            if not rest:
                return b""
            self._state = ZstdDecompressor()
        self._begun = self._begun or bool(rest)
        piece = bytes(self._state.decompress(rest, bytes_max))
        if self._state.eof:
            self._rest = self._state.unused_data
        return piece

    def more(self) -> bool:
        return bool(self._rest) if self._state.eof else self._begun and not self._state.needs_input

    def whole(self) -> bool:
        return bool(self._state.eof) or not self._begun


class _Brotli:
    """One stream (RFC 7932)."""

    def __init__(self) -> None:
        self._state = brotli.Decompressor()
        self._begun = False

    def step(self, data: bytes, bytes_max: int) -> bytes:
        self._begun = self._begun or bool(data)
        return bytes(self._state.process(data, output_buffer_limit=bytes_max))

    def more(self) -> bool:
        return not self._state.can_accept_more_data() and not self._state.is_finished()

    def whole(self) -> bool:
        return bool(self._state.is_finished()) or not self._begun


def _errors() -> tuple[type[Exception], ...]:
    return zlib.error, ZstdError, brotli.error
