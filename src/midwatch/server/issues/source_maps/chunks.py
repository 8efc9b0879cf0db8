"""Parts of uploads that wait to be put together, by the SHA-1 of their content."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterable, Sequence
from typing import IO

from midwatch.server.model.blobs import Blobs
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import BadRequest, TooLarge

CHUNK_BYTES_MAX = 8 << 20
CHUNKS_OF_REQUEST_MAX = 64
REQUEST_BYTES_MAX = 32 << 20
BUNDLE_BYTES_MAX = 256 << 20
"""Packed."""
WAITING_BYTES_MAX = 2 << 30
"""Of all parts that wait."""
WAITING_SECONDS_MAX = 24 * 3600.0
"""An upload that was broken off is forgotten after."""
SWEEP_SECONDS = 3600.0
_PREFIX = "source-maps/chunks"
_SHA1 = re.compile(r"[0-9a-f]{40}")


class Chunks:
    def __init__(self, blobs: Blobs, clock: Clock) -> None:
        self._blobs, self._clock = blobs, clock
        self._swept: float | None = None

    async def put(self, parts: AsyncIterable[tuple[str, bytes]]) -> int:
        """The parts of one request, by their names; how many.

        Raises:
            BadRequest: a name is not the SHA-1 of its content.
            TooLarge: one is too large, or too much waits already.
        """
        count, waiting = 0, sum((await self._waiting()).values())
        async for sent, content in parts:
            name = checked_sha1(sent.lower(), "the name of a part")
            if len(content) > CHUNK_BYTES_MAX:
                raise TooLarge(f"part {name}: expected at most {CHUNK_BYTES_MAX:,} bytes")
            if await asyncio.to_thread(_sha1_of, content) != name:
                raise BadRequest(f"part {name}: its content has another SHA-1; send it again")
            waiting += len(content)
            if waiting > WAITING_BYTES_MAX:
                raise TooLarge(
                    f"cannot take the part: {WAITING_BYTES_MAX >> 20} MiB of uploads wait to be put together; they are"
                    " forgotten a day after",
                    code="too_many_uploads",
                )
            await self._blobs.put(f"{_PREFIX}/{name}", content)
            count += 1
        return count

    async def missing(self, names: Sequence[str]) -> list[str]:
        waiting = await self._waiting()
        return [name for name in dict.fromkeys(names) if name not in waiting]

    async def join(self, names: Sequence[str], checksum: str, into: IO[bytes]) -> int:
        """Write parts one after another; how many bytes they have.

        Raises:
            BadRequest: a part is not there, or the whole has another checksum.
            TooLarge: over the limit.
        """
        whole, size = hashlib.sha1(usedforsecurity=False), 0
        for name in names:
            content = await self._blobs.get(f"{_PREFIX}/{name}")
            if content is None:
                raise BadRequest(f"part {name}: it is not there any more; upload it again")
            size += len(content)
            if size > BUNDLE_BYTES_MAX:
                raise TooLarge(f"the bundle is over {BUNDLE_BYTES_MAX >> 20} MiB: upload it in several")
            await asyncio.to_thread(whole.update, content)
            await asyncio.to_thread(into.write, content)
        if whole.hexdigest() != checksum:
            raise BadRequest(f"checksum={checksum}: the parts together have {whole.hexdigest()}; upload it again")
        into.seek(0)
        return size

    async def drop(self, names: Sequence[str]) -> None:
        for name in dict.fromkeys(names):
            await self._blobs.drop(f"{_PREFIX}/{name}")

    async def _waiting(self) -> dict[str, int]:
        """Names and sizes; what has waited too long is dropped from time to time."""
        now = self._clock.monotonic()
        sweeps = self._swept is None or now - self._swept > SWEEP_SECONDS
        if sweeps:
            self._swept = now
        oldest = self._clock.now_ns() - int(WAITING_SECONDS_MAX * 1e9)
        found, old = {}, []
        async for info in self._blobs.list(_PREFIX):
            name = info.name.rpartition("/")[2]
            if sweeps and info.modified_ns < oldest:
                old.append(name)
            else:
                found[name] = info.size_bytes
        await self.drop(old)
        return found


def _sha1_of(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def checked_sha1(text: object, what: str) -> str:
    """Raises BadRequest."""
    if not isinstance(text, str) or not _SHA1.fullmatch(text):
        raise BadRequest(f"{what}: expected a SHA-1 as 40 hexadecimal digits, not {str(text)[:60]!r}")
    return text
