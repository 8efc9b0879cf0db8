"""Blobs in S3-compatible (or any other) object storage, by obstore (Rust's object_store)."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from midwatch.server.blobs.names import checked
from midwatch.server.model.blobs import BlobInfo
from midwatch.server.model.errors import Unavailable


class ObjectBlobs:
    """Implements `Blobs`."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, name: str, content: bytes) -> None:
        """See `Blobs`."""
        with _told("keep", name):
            await obstore.put_async(self._store, checked(name), content)

    async def get(self, name: str) -> bytes | None:
        """See `Blobs`."""
        with _told("read", name):
            try:
                found = await obstore.get_async(self._store, checked(name))
                return bytes(await found.bytes_async())
            except FileNotFoundError:
                return None

    async def drop(self, prefix: str) -> int:
        """See `Blobs`."""
        names = [info.name async for info in self.list(prefix)]
        with _told("delete", prefix):
            if not names and await self._is_one(prefix):
                names = [prefix]
            if names:
                await obstore.delete_async(self._store, names)
        return len(names)

    async def list(self, prefix: str) -> AsyncIterator[BlobInfo]:
        """See `Blobs`."""
        with _told("list", prefix):
            async for batch in obstore.list(self._store, prefix=checked(prefix)):
                for one in batch:
                    modified_ns = int(one["last_modified"].timestamp() * 1e9)
                    yield BlobInfo(one["path"], one["size"], modified_ns)

    async def _is_one(self, name: str) -> bool:
        try:
            await obstore.head_async(self._store, name)
        except FileNotFoundError:
            return False
        return True


@contextmanager
def _told(verb: str, name: str) -> Iterator[None]:
    """What the object store says, as ours."""
    try:
        yield
    except (BaseError, OSError) as error:
        raise Unavailable(f"cannot {verb} the blob {name}: {str(error)[:200]}", code="blobs_failed") from None
