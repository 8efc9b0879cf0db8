"""A copy of the log while it is in use, for a backup.

Between `begin` and `end` the store is backed up table by table, so that rows of one segment can be in one table's
backup and not in the next one's. Every segment that was in the log at any time in between is therefore in the copy: a
server that starts on it finds out what of each is in the store, as after a crash, and adds what is missing.
"""

import asyncio
import os
import shutil
from pathlib import Path

from midwatch.server.model.segments import SealedSegment, SegmentSource
from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.durable import sync_directory
from midwatch.server.wal.encryption import is_encrypted, written_bytes
from midwatch.server.wal.frames import scan
from midwatch.server.wal.mapped import mapped
from midwatch.server.wal.segment_files import SUFFIX


class CopiedLog:
    """The log as the writer sees it, which leaves a second link of what it forgets while a copy is being made."""

    def __init__(self, source: SegmentSource, directory: Path) -> None:
        self._source = source
        self._directory = directory
        self._copy: Path | None = None

    async def next_sealed(self, kind: SegmentKind) -> SealedSegment:
        return await self._source.next_sealed(kind)

    async def done(self, segment: SealedSegment) -> None:
        if self._copy is not None:
            await asyncio.to_thread(_link, segment.path, self._copy)
        await self._source.done(segment)

    async def split(self, segment: SealedSegment) -> list[SealedSegment]:
        halves = await self._source.split(segment)
        if halves and self._copy is not None:
            # They have ids of their own: with their parent beside them, all of it would be stored twice.
            (self._copy / segment.path.name).unlink(missing_ok=True)
        return halves

    async def bury(self, segment: SealedSegment, error: str) -> None:
        await self._source.bury(segment, error)

    async def begin(self, copy: Path) -> None:
        """Link everything that waits now into `copy`, and from now on what the writer is done with."""
        await asyncio.to_thread(copy.mkdir, 0o700)
        self._copy = copy
        await asyncio.to_thread(self._link_all, copy)

    async def end(self, copy: Path) -> None:
        """Link what came since, and make each link a file of its own."""
        await asyncio.to_thread(self._link_all, copy)
        self._copy = None
        await asyncio.to_thread(_part, copy)

    def give_up(self) -> None:
        self._copy = None

    def _link_all(self, copy: Path) -> None:
        for path in self._directory.iterdir():
            if path.is_file() and not path.name.endswith(".new"):
                _link(path, copy)


def _link(path: Path, copy: Path) -> None:
    try:
        os.link(path, copy / path.name)
    except (FileExistsError, FileNotFoundError):
        return  # linked before, or stored meanwhile


def _whole_bytes(path: Path) -> int:
    if is_encrypted(path):
        return written_bytes(path)
    data = mapped(path)
    spans = list(scan(data))
    return spans[-1].start if spans and not spans[-1].intact else len(data)


def _part(copy: Path) -> None:
    for path in copy.iterdir():
        own = path.with_name(path.name + ".new")
        shutil.copy(path, own)
        with own.open("r+b") as file:
            if path.name.endswith(SUFFIX):
                # What was being written at this moment is acknowledged to nobody yet.
                file.truncate(_whole_bytes(own))
            os.fsync(file.fileno())
        own.replace(path)
    sync_directory(copy)
