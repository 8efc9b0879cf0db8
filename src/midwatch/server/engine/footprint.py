"""Lets go of code that only opening the engine has run: two thirds of what a resting engine holds (Linux).

The library is 550 MB on disk, and loading it touches 195 MB of its pages. The pages stay in the page cache, where the
kernel finds them free to take; one that runs again is mapped again, without reading from the disk while memory lasts.
"""

import ctypes
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MADV_DONTNEED = 4
_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+\s+(/.*)")
_NEVER_WRITTEN = frozenset({"r-xp", "r--p"})


@dataclass(frozen=True, slots=True)
class Mapping:
    """Part of a file in this process's memory."""

    start: int
    end: int
    permissions: str
    path: str


def let_go_of(library: str) -> bool:
    """Unmap the pages of a loaded library's code and constants, whose file name has this in it.

    False where the system has no such thing, or the library is not there.
    """
    if not sys.platform.startswith("linux"):
        return False
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    done = [
        madvise(mapping.start, mapping.end - mapping.start, _MADV_DONTNEED) == 0
        for mapping in _as_in_the_file(Path("/proc/self/smaps").read_text())
        if library in Path(mapping.path).name
    ]
    return bool(done) and all(done)


def _as_in_the_file(smaps: str) -> Iterator[Mapping]:
    """Mappings that cannot be written and of which no page was ever written: what is let go comes back as it was.

    Relocated constants cannot be written either, and are not in the file as they are in memory.
    """
    mapping: Mapping | None = None
    for line in smaps.splitlines():
        if found := _MAPPING.fullmatch(line):
            mapping = Mapping(int(found[1], 16), int(found[2], 16), found[3], found[4])
        elif mapping is not None and line.startswith("Anonymous:"):
            if mapping.permissions in _NEVER_WRITTEN and line.split()[1] == "0":
                yield mapping
            mapping = None
