"""What waits for one destination: a directory of links to segments, and how far each signal has come.

<id>.<kind>.wal         a segment: the log's own file, kept by this link when the log has let go of it
<id>.<kind>.clean.wal   what was left of one that waited longer, without what is private; stands in its place
<kind>.cursor           `<id> <offset>`, or `<id>.clean <offset>`: what of that file's frames is sent

All of it is written when it is done, so that a crash repeats what was sent last and forgets nothing.
"""

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog

from midwatch.server.model.clock import Clock
from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.durable import sync_directory, write_file
from midwatch.server.wal.encryption import content_bytes

log = structlog.get_logger(__name__)

SUFFIX = ".wal"
CLEAN = ".clean"
BEING_WRITTEN = ".new"
CLEAN_SECONDS = 5.0
"""So long a whole segment may wait as it came: nothing is written twice for a destination that answers."""


@dataclass(slots=True)
class Waiting:
    """A segment that the destination does not have yet, or in part."""

    id: str
    kind: SegmentKind
    path: Path
    size_bytes: int
    growing: bool
    offset: int = 0
    clean: bool = False
    clean_from: float = 0.0
    """When it is cleaned if it still waits, on the monotonic clock."""

    @property
    def bytes_left(self) -> int:
        return self.size_bytes - self.offset

    @property
    def finished(self) -> bool:
        return not self.growing and not self.bytes_left

    @property
    def name(self) -> str:
        """Of the file, in the cursor."""
        return self.id + CLEAN if self.clean else self.id

    @property
    def started_ns(self) -> int:
        """When the segment was made, to the millisecond: UUIDv7."""
        return int(self.id[:12], 16) * 1_000_000


class Queue:
    """One per destination. `link` may be called from any thread; what touches the disk says so."""

    def __init__(self, directory: Path, clock: Clock) -> None:
        self.directory = directory
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[SegmentKind, dict[str, Waiting]] = {kind: {} for kind in SegmentKind}

    def open(self) -> None:
        """Take over what an earlier process left. Touches the disk."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self.directory.glob(f"*{BEING_WRITTEN}"):
            path.unlink()
        for path in sorted(self.directory.glob(f"*{SUFFIX}")):
            stem = path.name.removesuffix(SUFFIX)
            clean = stem.endswith(CLEAN)
            segment_id, _, kind_name = stem.removesuffix(CLEAN).partition(".")
            try:
                kind = SegmentKind(kind_name)
                int(segment_id, 16)
            except ValueError:
                log.warning("forward.unknown_file", file=path.name)
                continue
            if not clean and _clean_path(path).exists():
                path.unlink()  # a crash came between the two
                continue
            self._waiting[kind][segment_id] = Waiting(
                *(segment_id, kind, path, content_bytes(path)),
                growing=False,
                clean=clean,
                clean_from=self._clock.monotonic() + CLEAN_SECONDS,
            )
        for kind, waiting in self._waiting.items():
            name, offset = self._read_cursor(kind)
            one = waiting.get(name.removesuffix(CLEAN))
            if one is not None and one.name == name:
                one.offset = min(offset, one.size_bytes)

    def link(self, kind: SegmentKind, segment_id: str, path: Path, *, offset: int = 0) -> None:
        """Keep what comes behind `offset` of a segment that grows, also when the log is done with it. Touches the disk.

        Raises:
            OSError: the disk is full or broken.
        """
        own = self.directory / path.name
        with self._lock:
            if segment_id in self._waiting[kind]:
                return
            try:
                os.link(path, own)
                sync_directory(self.directory)
            except FileNotFoundError:
                return  # stored and gone meanwhile
            except FileExistsError:
                pass
            one = Waiting(segment_id, kind, own, offset, growing=True, offset=offset)
            if offset:
                write_file(self._cursor(kind), f"{segment_id} {offset}\n".encode())
            self._waiting[kind][segment_id] = one

    def grown(self, kind: SegmentKind, segment_id: str, size_bytes: int) -> None:
        if (one := self._waiting[kind].get(segment_id)) is not None:
            one.size_bytes = size_bytes

    def sealed(self, kind: SegmentKind, segment_id: str) -> None:
        if (one := self._waiting[kind].get(segment_id)) is not None:
            one.growing = False
            one.clean_from = self._clock.monotonic() + CLEAN_SECONDS

    def unclean(self, kind: SegmentKind) -> Waiting | None:
        """The oldest whole segment that has waited too long to lie there as it came."""
        now = self._clock.monotonic()
        for one in list(self._waiting[kind].values()):
            if not one.growing and not one.clean and one.bytes_left and now >= one.clean_from:
                return one
        return None

    def place_for_clean(self, one: Waiting) -> Path:
        """Where to write what is left of it, for `replace`."""
        return one.path.with_name(one.path.name + BEING_WRITTEN)

    def replace(self, one: Waiting) -> None:
        """Have what was written take the place of the segment. Touches the disk.

        Raises:
            OSError: the disk is broken; the segment stands as it was.
        """
        raw, clean = one.path, _clean_path(one.path)
        os.replace(self.place_for_clean(one), clean)
        sync_directory(self.directory)
        one.path, one.size_bytes, one.offset, one.clean = clean, content_bytes(clean), 0, True
        raw.unlink(missing_ok=True)

    def next(self, kind: SegmentKind) -> Waiting | None:
        """The oldest segment of which something is left, or that is finished and not yet let go of."""
        one = next(iter(self._waiting[kind].values()), None)
        return one if one is not None and (one.bytes_left or one.finished) else None

    def advance(self, one: Waiting, offset: int) -> None:
        """Everything before `offset` is dealt with. Touches the disk.

        Raises:
            OSError: the disk is full or broken; the same may be sent again after a restart.
        """
        one.offset = offset
        if one.finished:
            self.forget(one)
        else:
            write_file(self._cursor(one.kind), f"{one.name} {offset}\n".encode())

    def forget(self, one: Waiting) -> None:
        """Let go of a segment. Touches the disk."""
        one.path.unlink(missing_ok=True)
        with self._lock:
            self._waiting[one.kind].pop(one.id, None)

    def all(self) -> list[Waiting]:
        """Everything of which something is left, oldest first."""
        found = [one for waiting in self._waiting.values() for one in list(waiting.values()) if one.bytes_left]
        return sorted(found, key=lambda one: one.id)

    def bytes_of(self, kind: SegmentKind) -> int:
        return sum(one.bytes_left for one in list(self._waiting[kind].values()))

    def oldest_seconds(self, kinds: Iterable[SegmentKind]) -> float:
        """Age of the oldest segment of which something is left."""
        kinds = frozenset(kinds)
        oldest = next((one for one in self.all() if one.kind in kinds), None)
        return 0.0 if oldest is None else max(0.0, (self._clock.now_ns() - oldest.started_ns) / 1e9)

    def _cursor(self, kind: SegmentKind) -> Path:
        return self.directory / f"{kind}.cursor"

    def _read_cursor(self, kind: SegmentKind) -> tuple[str, int]:
        try:
            segment_id, _, offset = self._cursor(kind).read_text().strip().partition(" ")
            return segment_id, int(offset)
        except (OSError, ValueError):
            return "", 0


def _clean_path(raw: Path) -> Path:
    return raw.with_name(raw.name.removesuffix(SUFFIX) + CLEAN + SUFFIX)
