"""Files that came with events: kept in either kind of blobs, and forgotten with the events."""

import os
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from midwatch.server.blobs.directory import DirectoryBlobs
from midwatch.server.blobs.object_store import ObjectBlobs
from midwatch.server.issues.sweeper import FileSweeper
from midwatch.server.model.blobs import Blobs
from midwatch.server.model.clock import VirtualClock

DAY_NS = 86_400 * 10**9


def both(tmp_path: Path) -> dict[str, Blobs]:
    return {"directory": DirectoryBlobs(tmp_path / "blobs"), "object store": ObjectBlobs(MemoryStore())}


@pytest.mark.parametrize("kind", ["directory", "object store"])
async def test_blobs_are_made_read_listed_and_dropped(tmp_path: Path, kind: str) -> None:
    """The same by a directory and by an object store."""
    blobs = both(tmp_path)[kind]
    await blobs.put("attachments/1/aa/000", b"one")
    await blobs.put("attachments/1/aa/001", b"two")
    await blobs.put("attachments/1/aa/001", b"three")
    await blobs.put("attachments/1/ab/000", b"other")
    assert await blobs.get("attachments/1/aa/001") == b"three"
    assert await blobs.get("attachments/1/zz/000") is None
    assert sorted([info.name async for info in blobs.list("attachments/1/aa")]) == [
        "attachments/1/aa/000",
        "attachments/1/aa/001",
    ]
    assert await blobs.drop("attachments/1/aa") == 2
    assert await blobs.get("attachments/1/aa/000") is None
    assert await blobs.drop("attachments/1/ab/000") == 1
    assert await blobs.drop("attachments/1/ab/000") == 0


@pytest.mark.parametrize("name", ["../up", "a//b", "/abs", "a/../b", ".hidden", "a" * 401, "sp ace"])
async def test_names_that_lead_elsewhere_are_our_own_mistake(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot use"):
        await DirectoryBlobs(tmp_path).put(name, b"")


async def test_files_go_with_the_retention_of_errors(tmp_path: Path) -> None:
    blobs = DirectoryBlobs(tmp_path)
    for name in ("attachments/1/old/000", "profiles/1/old/000", "attachments/1/new/000", "replays/1/old/0"):
        await blobs.put(name, b"x")
    now_ns = 1_795_800_000 * 10**9
    for path in tmp_path.rglob("0*"):
        age = 100 if "old" in path.parts else 1
        os.utime(path, ns=(now_ns - age * DAY_NS, now_ns - age * DAY_NS))
    sweeper = FileSweeper(blobs, VirtualClock(now_ns), lambda: 90.0)
    assert await sweeper.sweep() == 2
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"attachments/1/new/000", "replays/1/old/0"}, "replays have a retention of their own"
    assert await FileSweeper(blobs, VirtualClock(now_ns), lambda: 0.0).sweep() == 0
