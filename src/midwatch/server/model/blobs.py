"""Large things beside the store: source maps, replays, attachments. By name, in a directory or an object store."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class BlobInfo:
    name: str
    size_bytes: int
    modified_ns: int


class Blobs(Protocol):
    """Names are paths of letters, digits, `.`, `_`, `-`, such as `replays/1/<id>/000001`; used from the event loop."""

    async def put(self, name: str, content: bytes) -> None:
        """Make or replace; durable on return.

        Raises:
            Unavailable: the disk is full, or the object store does not answer.
        """
        ...

    async def get(self, name: str) -> bytes | None:
        """None: there is no such blob."""
        ...

    async def drop(self, prefix: str) -> int:
        """Delete the blob of this name and all that are beneath it; how many that were."""
        ...

    def list(self, prefix: str) -> AsyncIterator[BlobInfo]:
        """Those beneath a prefix, in any order."""
        ...
