"""A segment's file as a process reads it that walks through it bit by bit."""

import mmap
import os
from pathlib import Path


def mapped(path: Path, end: int | None = None) -> memoryview:
    """The file up to `end`, or all of it; let go of with the last view of it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        size = size if end is None else min(end, size)
        return memoryview(mmap.mmap(descriptor, size, access=mmap.ACCESS_READ) if size else b"")
    finally:
        os.close(descriptor)
