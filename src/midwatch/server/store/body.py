"""A segment as the body of a request: as it lies there, or compressed on its way."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from midwatch.server.model.zstd import ZstdCompressor

CHUNK_BYTES = 1 << 20
LEVEL = 1
"""The fastest: a store is seldom so far away that more than this pays."""


Pieces = Callable[[], Iterator[bytes]]


async def plain(path: Path, pieces: Pieces | None, before: bytes = b"") -> AsyncIterator[bytes]:
    """`before` is what comes first: the statement that the segment is the data of; `pieces`: as `SealedSegment`'s."""
    if before:
        yield before
    if pieces is not None:
        held = pieces()
        while (piece := await asyncio.to_thread(next, held, None)) is not None:
            yield piece
        return
    with path.open("rb") as file:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk


async def compressed(path: Path, pieces: Pieces | None, before: bytes = b"") -> AsyncIterator[bytes]:
    """The same as one Zstandard frame, a chunk in memory at a time; packing runs in a thread."""
    packer = ZstdCompressor(level=LEVEL)
    async for chunk in plain(path, pieces, before):
        if packed := await asyncio.to_thread(packer.compress, chunk):
            yield packed
    yield packer.flush()
