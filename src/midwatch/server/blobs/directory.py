"""Blobs as files of a directory, owner-only and synced."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from midwatch.server.blobs.names import checked
from midwatch.server.model.blobs import BlobInfo
from midwatch.server.model.errors import Unavailable
from midwatch.server.wal.durable import sync_directory, write_file


class DirectoryBlobs:
    """Implements `Blobs`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def put(self, name: str, content: bytes) -> None:
        """See `Blobs`."""
        try:
            await asyncio.to_thread(self._put, checked(name), content)
        except OSError as error:
            raise Unavailable(f"cannot keep the blob {name}: {error.strerror}", code="blobs_failed") from None

    async def get(self, name: str) -> bytes | None:
        """See `Blobs`."""
        return await asyncio.to_thread(self._get, checked(name))

    async def drop(self, prefix: str) -> int:
        """See `Blobs`."""
        return await asyncio.to_thread(self._drop, checked(prefix))

    async def list(self, prefix: str) -> AsyncIterator[BlobInfo]:
        """See `Blobs`."""
        for info in await asyncio.to_thread(self._list, checked(prefix)):
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
