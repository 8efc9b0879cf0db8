"""Source maps that are open in this process, by Sentry's own `symbolic`. Needs no event loop and no database."""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from symbolic.exceptions import SymbolicError
from symbolic.sourcemapcache import SourceMapCache

from midwatch.server.issues.source_maps.lookups import Lookup
from midwatch.server.issues.source_maps.resolve import (
    MALFORMED_SOURCE_MAP,
    MISSING_SOURCE,
    MISSING_SOURCE_MAP,
    Find,
    Missing,
    SourceMap,
    Token,
)

OPEN_BYTES_MAX = 96 << 20
"""Of files of which maps are open; an open map takes about as much as its files."""

_MARK = re.compile(rb"sentry-dbid-[0-9a-f-]{36}")
_MARK_BYTES_MAX = 64 << 10
"""Plugins put their mark at the beginning."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """What was found for a lookup. The files are there for now: a cache on disk holds them."""

    id: str
    """The same id is the same content."""
    source: Path | None = None
    source_map: Path | None = None
    reason: str = ""
    """Where there is no map."""


NOTHING = Artifact("", reason=MISSING_SOURCE)
NO_MAP = Artifact("", reason=MISSING_SOURCE_MAP)


class OpenMaps:
    """From any thread. Opens each map once and keeps it for the next event, the last used ones."""

    def __init__(self, bytes_max: int = OPEN_BYTES_MAX) -> None:
        self._bytes_max = bytes_max
        self._open: OrderedDict[str, tuple[SourceMap | Missing, int]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def finder(self, artifacts: Mapping[Lookup, Artifact]) -> Find:
        """For `resolve`, of one event."""
        return lambda lookup: self.get(artifacts.get(lookup, NOTHING))

    def get(self, artifact: Artifact) -> SourceMap | Missing:
        if artifact.source_map is None:
            return Missing(artifact.reason or MISSING_SOURCE_MAP)
        with self._lock:
            if (known := self._open.get(artifact.id)) is not None:
                self._open.move_to_end(artifact.id)
                return known[0]
        found, size = _opened(artifact)
        if isinstance(found, Missing) and found.reason == MISSING_SOURCE_MAP:
            return found  # Gone from the cache on disk meanwhile: the next one finds it again.
        with self._lock:
            if artifact.id not in self._open:
                self._open[artifact.id] = (found, size)
                self._bytes += size
            while self._bytes > self._bytes_max and len(self._open) > 1:
                _, (_, dropped) = self._open.popitem(last=False)
                self._bytes -= dropped
        return found


def _opened(artifact: Artifact) -> tuple[SourceMap | Missing, int]:
    assert artifact.source_map is not None
    try:
        source_map = artifact.source_map.read_bytes()
        source = artifact.source.read_bytes() if artifact.source is not None else b""
    except FileNotFoundError:
        return Missing(MISSING_SOURCE_MAP), 0
    try:
        found = SourceMapCache.from_bytes(source, source_map)
    except SymbolicError:
        return Missing(MALFORMED_SOURCE_MAP), 0
    return _Shifted(found) if _marked_twice(source) else found, len(source) + len(source_map)


class _Shifted:
    """Of an upload that has one line more than the file that runs."""

    def __init__(self, inner: SourceMap) -> None:
        self._inner = inner

    def lookup(self, line: int, col: int, context_lines: int) -> Token | None:
        return self._inner.lookup(line + 1, col, context_lines) or self._inner.lookup(line, col, context_lines)


def _marked_twice(source: bytes) -> bool:
    """Whether what was uploaded got its debug id once more, as a line before all others.

    Sentry's bundler plugins from 11.0 on upload a copy in which the tool that they upload with marks what the plugin
    had marked already (seen with 11.12 and `sentry` 0.49); the file that runs has the plugin's mark alone.
    """
    first, _, rest = source[:_MARK_BYTES_MAX].partition(b"\n")
    mark = _MARK.search(first)
    return mark is not None and first.rstrip().endswith(b"}();") and mark[0] in rest
