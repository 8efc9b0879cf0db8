"""Blobs as files of a directory, owner-only and synced."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import TypeVar

from midwatch.server.blobs.names import checked
from midwatch.server.model.blobs import BlobInfo
from midwatch.server.model.errors import Unavailable
from midwatch.server.wal.durable import sync_directory, write_file

T = TypeVar("T")


class DirectoryBlobs:
    """Implements `Blobs`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def put(self, name: str, content: bytes) -> None:
        """See `Blobs`."""
        await _done("keep", name, self._put, content)

    async def get(self, name: str) -> bytes | None:
        """See `Blobs`."""
        return await _done("read", name, self._get)

    async def drop(self, prefix: str) -> int:
        """See `Blobs`."""
        return await _done("delete", prefix, self._drop)

    async def list(self, prefix: str) -> AsyncIterator[BlobInfo]:
        """See `Blobs`."""
        for info in await _done("list", prefix, self._list):
            yield info

    def _put(self, name: str, content: bytes) -> None:
        path = self._directory / name
        new = not path.parent.is_dir()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_file(path, content)
        sync_directory(path.parent)
        if new:
            for parent in path.parent.parents:
                sync_directory(parent)
                if parent in (self._directory, self._directory.parent):
                    break

    def _get(self, name: str) -> bytes | None:
        try:
            return (self._directory / name).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None

    def _drop(self, prefix: str) -> int:
        path = self._directory / prefix
        if path.is_dir():
            count = sum(len(files) for _, _, files in os.walk(path))
            shutil.rmtree(path)
            return count
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()
            return 1
        return 0

    def _list(self, prefix: str) -> Sequence[BlobInfo]:
        found = []
        for directory, _, files in os.walk(self._directory / prefix):
            for file in files:
                path = Path(directory, file)
                with contextlib.suppress(FileNotFoundError):
                    stat = path.stat()
                    name = path.relative_to(self._directory).as_posix()
                    found.append(BlobInfo(name, stat.st_size, stat.st_mtime_ns))
        return found


async def _done(verb: str, name: str, work: Callable[..., T], *arguments: object) -> T:
    """In a thread; what the disk says, as ours."""
    try:
        return await asyncio.to_thread(work, checked(name), *arguments)
    except OSError as error:
        raise Unavailable(f"cannot {verb} the blob {name}: {error.strerror}", code="blobs_failed") from None
