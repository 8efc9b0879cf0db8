"""Files of source maps as a bounded directory of this machine holds them, unpacked, for processes that resolve."""

import asyncio
import contextlib
import os
import shutil
from collections import OrderedDict
from pathlib import Path

from midwatch.server.model.blobs import Blobs
from midwatch.server.model.zstd import ZstdDecompressor, ZstdError

SHELF_BYTES_MAX = 512 << 20


class Shelf:
    """A cache: what is not there comes from the blobs. Used from one event loop; processes read what it names."""

    def __init__(self, blobs: Blobs, directory: Path, bytes_max: int = SHELF_BYTES_MAX) -> None:
        self._blobs, self._directory, self._bytes_max = blobs, directory, bytes_max
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._bytes = 0
        self._coming: dict[str, asyncio.Task[Path | None]] = {}

    def open(self) -> None:
        """Begin with an empty one: it holds nothing that is not elsewhere."""
        shutil.rmtree(self._directory, ignore_errors=True)
        self._directory.mkdir(mode=0o700, parents=True)

    async def path(self, blob: str) -> Path | None:
        """None: there is no such blob, or it is damaged."""
        name = blob.replace("/", "-")
        if name in self._sizes:
            self._sizes.move_to_end(name)
            return self._directory / name
        # Many events that need the same file wait for one reader.
        coming = self._coming.get(name)
        if coming is None:
            coming = self._coming[name] = asyncio.create_task(self._bring(blob, name))
            coming.add_done_callback(lambda _: self._coming.pop(name, None))
        return await asyncio.shield(coming)

    async def _bring(self, blob: str, name: str) -> Path | None:
        packed = await self._blobs.get(blob)
        if packed is None:
            return None
        size = await asyncio.to_thread(self._write, name, packed)
        if size is None:
            return None
        self._sizes[name] = size
        self._bytes += size
        while self._bytes > self._bytes_max and len(self._sizes) > 2:
            gone, dropped = self._sizes.popitem(last=False)
            self._bytes -= dropped
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._directory / gone)
        return self._directory / name

    def _write(self, name: str, packed: bytes) -> int | None:
        try:
            content = ZstdDecompressor().decompress(packed)
        except ZstdError:
            return None
        coming = self._directory / f"{name}.coming"
        coming.write_bytes(content)
        coming.replace(self._directory / name)
        return len(content)
