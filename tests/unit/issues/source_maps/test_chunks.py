"""Parts of uploads that wait: by their SHA-1, and no more of them than the limit says."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from midwatch.server.blobs.directory import DirectoryBlobs
from midwatch.server.issues.source_maps import chunks as module
from midwatch.server.issues.source_maps.chunks import Chunks
from midwatch.server.model.clock import WallClock
from midwatch.server.model.errors import TooLarge


async def sent(*contents: bytes) -> AsyncIterator[tuple[str, bytes]]:
    for content in contents:
        yield hashlib.sha1(content).hexdigest(), content


async def test_what_waits_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted over requests and within one; what is taken is there, and goes when it is dropped."""
    monkeypatch.setattr(module, "WAITING_BYTES_MAX", 10)
    kept = Chunks(DirectoryBlobs(tmp_path), WallClock())
    assert await kept.put(sent(b"1234", b"5678")) == 2
    names = [name async for name, _ in sent(b"1234", b"5678", b"90", b"x")]
    with pytest.raises(TooLarge, match="uploads wait to be put together"):
        await kept.put(sent(b"90", b"x"))
    assert await kept.missing(names) == names[3:]
    await kept.drop(names)
    assert await kept.put(sent(b"x")) == 1
