"""Files that are on disk when the call returns. Owner-only, as everything here is other people's data."""

import os
from collections.abc import Sequence
from pathlib import Path

IOV_MAX = 512
"""Parts in one `writev`; POSIX systems take at least 1,024, and less than that is as quick."""

Part = bytes | memoryview


def write_all(descriptor: int, parts: Sequence[Part]) -> int:
    """Write every byte of every part, in few system calls and without joining them. Returns their size."""
    views = [memoryview(part) for part in parts if len(part)]
    total, first = 0, 0
    while first < len(views):
        written = os.writev(descriptor, views[first : first + IOV_MAX])
        total += written
        while first < len(views) and written >= len(views[first]):
            written -= len(views[first])
            first += 1
        if written:
            views[first] = views[first][written:]
    return total


def write_file(path: Path, content: Part) -> None:
    """Make or replace a file; a crash leaves the old one or the new one. The directory is for the caller to sync."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        write_all(descriptor, [content])
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.rename(path)


def sync_directory(directory: Path) -> None:
    """Make names durable: files that were made, renamed or removed in it."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
