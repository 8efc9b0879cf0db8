"""Blobs in S3-compatible (or any other) object storage, by obstore (Rust's object_store)."""

from collections.abc import AsyncIterator

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
        try:
            await obstore.put_async(self._store, checked(name), content)
        except (BaseError, OSError) as error:
            raise Unavailable(f"cannot keep the blob {name}: {str(error)[:200]}", code="blobs_failed") from None

    async def get(self, name: str) -> bytes | None:
        """See `Blobs`."""
        try:
            found = await obstore.get_async(self._store, checked(name))
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise Unavailable(f"cannot read the blob {name}: {str(error)[:200]}", code="blobs_failed") from None

    async def drop(self, prefix: str) -> int:
        """See `Blobs`."""
        names = [info.name async for info in self.list(prefix)]
        if not names and await self.get(prefix) is not None:
            names = [prefix]
        if names:
            await obstore.delete_async(self._store, names)
        return len(names)

    async def list(self, prefix: str) -> AsyncIterator[BlobInfo]:
        """See `Blobs`."""
        async for batch in obstore.list(self._store, prefix=checked(prefix)):
            for one in batch:
                modified_ns = int(one["last_modified"].timestamp() * 1e9)
                yield BlobInfo(one["path"], one["size"], modified_ns)
