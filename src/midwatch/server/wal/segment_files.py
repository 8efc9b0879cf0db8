"""Segments as files: made, appended to, halved, and found again after a crash. All of it blocks: run it in threads.

<id>.<kind>.wal                   a segment
<id>.<kind>.half-of-<parent id>   half of a segment, as long as its parent may still be there
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from midwatch.server.model.clock import Clock
from midwatch.server.model.faults import fault_point
from midwatch.server.model.segments import SealedSegment
from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.wal.durable import Part, sync_directory, write_all, write_file
from midwatch.server.wal.frames import read_header, scan
from midwatch.server.wal.ids import SegmentIds
from midwatch.server.wal.retries import DIGEST_BYTES, Remembered

log = structlog.get_logger(__name__)

SUFFIX = ".wal"
_HALF = ".half-of-"


@dataclass(slots=True)
class ActiveSegment:
    """The segment of a kind that is being appended to."""

    id: str
    kind: SegmentKind
    path: Path
    descriptor: int
    first_appended_ns: int
    started: float
    """Monotonic time at which it was made."""
    size_bytes: int = 0
    frames: int = 0
    torn: bool = False
    """True when bytes behind `size_bytes` were written and not acknowledged."""


@dataclass(frozen=True, slots=True)
class Recovered:
    segments: list[SealedSegment]
    digests: list[Remembered]


class SegmentFiles:
    """The files of one directory. Calls for one kind come one after another."""

    def __init__(self, directory: Path, dead_letters: DeadLetters, ids: SegmentIds, clock: Clock) -> None:
        self._directory = directory
        self._dead_letters = dead_letters
        self._ids = ids
        self._clock = clock

    def free_bytes(self) -> int:
        status = os.statvfs(self._directory)
        return status.f_bavail * status.f_frsize

    def create(self, kind: SegmentKind) -> ActiveSegment:
        segment_id = self._ids.next()
        path = self._directory / f"{segment_id}.{kind}{SUFFIX}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            sync_directory(self._directory)
        except OSError:
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise
        return ActiveSegment(segment_id, kind, path, descriptor, self._clock.now_ns(), self._clock.monotonic())

    def append(self, active: ActiveSegment, frames: Sequence[Part], count: int) -> None:
        """Write and sync. When that fails nothing of it is there.

        Raises:
            OSError: the disk is full or broken.
        """
        if active.torn:
            self._cut_back(active)
        try:
            size = write_all(active.descriptor, frames)
            fault_point("after_write_before_fsync")
            os.fsync(active.descriptor)
        except OSError:
            # Nobody was told: cut back to what was, so that no half frame lies before the next one.
            active.torn = True
            self._cut_back(active)
            raise
        active.size_bytes += size
        active.frames += count

    def seal(self, active: ActiveSegment) -> SealedSegment:
        if active.torn:
            self._cut_back(active)
        os.close(active.descriptor)
        return SealedSegment(
            active.id, active.kind, active.path, active.size_bytes, active.frames, active.first_appended_ns
        )

    def remove(self, segment: SealedSegment) -> None:
        fault_point("before_segment_removed")
        segment.path.unlink(missing_ok=True)

    def halve(self, segment: SealedSegment) -> list[SealedSegment]:
        """Two segments in place of one of at least two frames; a crash leaves the one or the two, never three."""
        data = memoryview(segment.path.read_bytes())
        spans = list(scan(data))
        middle = len(spans) // 2
        cut = spans[middle].start
        halves: list[SealedSegment] = []
        interim: list[Path] = []
        try:
            for piece, frames in ((data[:cut], middle), (data[cut:], len(spans) - middle)):
                name = f"{self._ids.next()}.{segment.kind}"
                interim.append(self._directory / f"{name}{_HALF}{segment.id}")
                write_file(interim[-1], piece)
                path = self._directory / f"{name}{SUFFIX}"
                half_id = name.partition(".")[0]
                halves.append(SealedSegment(half_id, segment.kind, path, len(piece), frames, segment.first_appended_ns))
        except OSError:
            for half in interim:
                half.unlink(missing_ok=True)
                half.with_name(half.name + ".new").unlink(missing_ok=True)
            raise
        sync_directory(self._directory)
        fault_point("between_halves")
        segment.path.unlink()
        sync_directory(self._directory)
        for before, after in zip(interim, halves, strict=True):
            before.rename(after.path)
        sync_directory(self._directory)
        return halves

    def adopt(self, source: Path, kind: SegmentKind) -> SealedSegment:
        """Make a segment of a file of whole frames by renaming it: it is here or there, never both."""
        data = memoryview(source.read_bytes())
        spans = list(scan(data))
        segment_id = self._ids.next()
        path = self._directory / f"{segment_id}.{kind}{SUFFIX}"
        source.rename(path)
        sync_directory(self._directory)
        return SealedSegment(segment_id, kind, path, len(data), len(spans), self._clock.now_ns())

    def recover(self) -> Recovered:
        """Everything that an earlier process left. Torn or damaged bytes become dead letters, whole frames stay."""
        self._finish_halves()
        for leftover in self._directory.glob("*.new"):
            leftover.unlink()
        found = Recovered([], [])
        for path in sorted(self._directory.glob(f"*{SUFFIX}")):
            self._recover_one(path, found)
        return found

    def _recover_one(self, path: Path, found: Recovered) -> None:
        segment_id, _, kind_name = path.name.removesuffix(SUFFIX).partition(".")
        try:
            kind, created_ns = SegmentKind(kind_name), int(segment_id[:12], 16) * 1_000_000
            bytes.fromhex(segment_id)
        except ValueError:
            log.warning("wal.unknown_file", file=path.name)
            return
        self._ids.not_before(segment_id)
        data = memoryview(path.read_bytes())
        spans = list(scan(data))
        intact = [span for span in spans if span.intact]
        for span in spans:
            if not span.intact:
                reason = f"bytes {span.start} to {span.end} of segment {segment_id} are not a whole frame"
                self._dead_letters.keep(bytes(data[span.start : span.end]), kind, reason)
                log.warning("wal.damaged", segment=segment_id, start=span.start, end=span.end)
        if not intact:
            path.unlink()
            return
        if len(intact) != len(spans):
            write_file(path, b"".join(data[span.start : span.end] for span in intact))
            sync_directory(self._directory)
        for span in intact:
            _, digest, received_ns = read_header(data, span)
            if len(digest) == DIGEST_BYTES:
                found.digests.append(Remembered(digest, received_ns, segment_id))
        size = sum(span.end - span.start for span in intact)
        found.segments.append(SealedSegment(segment_id, kind, path, size, len(intact), created_ns, recovered=True))

    def _finish_halves(self) -> None:
        """Halves whose parent is there never counted; where it is gone they take its place."""
        for half in self._directory.glob(f"*{_HALF}*"):
            name, _, parent = half.name.partition(_HALF)
            if parent.endswith(".new") or any(self._directory.glob(f"{parent}.*{SUFFIX}")):
                half.unlink()
            else:
                half.rename(self._directory / f"{name}{SUFFIX}")

    def _cut_back(self, active: ActiveSegment) -> None:
        os.ftruncate(active.descriptor, active.size_bytes)
        os.fsync(active.descriptor)
        active.torn = False
