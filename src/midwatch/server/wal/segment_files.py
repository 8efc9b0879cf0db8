"""Segments as files: made, appended to, halved, and found again after a crash. All of it blocks: run it in threads.

<id>.<kind>.wal                   a segment
<id>.<kind>.half-of-<parent id>   half of a segment, as long as its parent may still be there
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from midwatch.server.model.clock import Clock
from midwatch.server.model.faults import fault_point
from midwatch.server.model.segments import SealedSegment
from midwatch.server.model.signal import SegmentKind
from midwatch.server.model.wal_keys import NO_KEYS, WalKeys
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.wal.durable import Part, sync_directory, write_all, write_file
from midwatch.server.wal.encryption import Encryption, encrypted, pieces, read_content
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
    encryption: Encryption | None = None
    file_bytes: int = 0
    """Up to here the file is acknowledged."""
    size_bytes: int = 0
    """Of its frames."""
    frames: int = 0
    torn: bool = False
    """True when bytes behind `file_bytes` were written and not acknowledged."""


@dataclass(frozen=True, slots=True)
class Recovered:
    segments: list[SealedSegment]
    digests: list[Remembered]


class SegmentFiles:
    """The files of one directory. Calls for one kind come one after another."""

    def __init__(
        self, directory: Path, dead_letters: DeadLetters, ids: SegmentIds, clock: Clock, keys: WalKeys = NO_KEYS
    ) -> None:
        self._directory = directory
        self._keys = keys
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
        encryption = Encryption(self._keys.newest, segment_id) if self._keys.newest is not None else None
        try:
            written = write_all(descriptor, [encryption.header]) if encryption is not None else 0
            sync_directory(self._directory)
        except OSError:
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise
        now_ns, started = self._clock.now_ns(), self._clock.monotonic()
        return ActiveSegment(segment_id, kind, path, descriptor, now_ns, started, encryption, written)

    def append(self, active: ActiveSegment, frames: Sequence[Part], count: int) -> None:
        """Write and sync. When that fails nothing of it is there.

        Raises:
            OSError: the disk is full or broken.
        """
        if active.torn:
            self._cut_back(active)
        encryption = active.encryption
        parts = encryption.records(frames, active.file_bytes) if encryption is not None else frames
        try:
            written = write_all(active.descriptor, parts)
            fault_point("after_write_before_fsync")
            os.fsync(active.descriptor)
        except OSError:
            # Nobody was told: cut back to what was, so that no half frame lies before the next one.
            active.torn = True
            self._cut_back(active)
            raise
        active.file_bytes += written
        active.size_bytes += sum(len(frame) for frame in frames)
        active.frames += count

    def seal(self, active: ActiveSegment) -> SealedSegment:
        if active.torn:
            self._cut_back(active)
        os.close(active.descriptor)
        size, since_ns = active.size_bytes, active.first_appended_ns
        return self._sealed(active.id, active.kind, active.path, size, active.frames, since_ns)

    def remove(self, segment: SealedSegment) -> None:
        fault_point("before_segment_removed")
        segment.path.unlink(missing_ok=True)

    def halve(self, segment: SealedSegment) -> list[SealedSegment]:
        """Two segments in place of one of at least two frames; a crash leaves the one or the two, never three."""
        data = read_content(segment.path, self._keys)
        spans = list(scan(data))
        middle = len(spans) // 2
        cut = spans[middle].start
        halves: list[SealedSegment] = []
        interim: list[Path] = []
        try:
            for piece, frames in ((data[:cut], middle), (data[cut:], len(spans) - middle)):
                half_id = self._ids.next()
                name = f"{half_id}.{segment.kind}"
                interim.append(self._directory / f"{name}{_HALF}{segment.id}")
                write_file(interim[-1], encrypted(self._keys, half_id, piece))
                path = self._directory / f"{name}{SUFFIX}"
                since_ns = segment.first_appended_ns
                halves.append(self._sealed(half_id, segment.kind, path, len(piece), frames, since_ns))
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
        data = read_content(source, self._keys)
        spans = list(scan(data))
        segment_id = self._ids.next()
        path = self._directory / f"{segment_id}.{kind}{SUFFIX}"
        source.rename(path)
        sync_directory(self._directory)
        return self._sealed(segment_id, kind, path, len(data), len(spans), self._clock.now_ns())

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
        data = read_content(path, self._keys)
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
            kept = b"".join(data[span.start : span.end] for span in intact)
            write_file(path, encrypted(self._keys, segment_id, kept))
            sync_directory(self._directory)
        for span in intact:
            _, digest, received_ns = read_header(data, span)
            if len(digest) == DIGEST_BYTES:
                found.digests.append(Remembered(digest, received_ns, segment_id))
        size = sum(span.end - span.start for span in intact)
        found.segments.append(self._sealed(segment_id, kind, path, size, len(intact), created_ns, recovered=True))

    def _sealed(
        self,
        segment_id: str,
        kind: SegmentKind,
        path: Path,
        size_bytes: int,
        frames: int,
        first_appended_ns: int,
        *,
        recovered: bool = False,
    ) -> SealedSegment:
        read = partial(pieces, path, self._keys) if self._keys.newest is not None else None
        return SealedSegment(segment_id, kind, path, size_bytes, frames, first_appended_ns, recovered, read)

    def _finish_halves(self) -> None:
        """Halves whose parent is there never counted; where it is gone they take its place."""
        for half in self._directory.glob(f"*{_HALF}*"):
            name, _, parent = half.name.partition(_HALF)
            if parent.endswith(".new") or any(self._directory.glob(f"{parent}.*{SUFFIX}")):
                half.unlink()
            else:
                half.rename(self._directory / f"{name}{SUFFIX}")

    def _cut_back(self, active: ActiveSegment) -> None:
        os.ftruncate(active.descriptor, active.file_bytes)
        os.fsync(active.descriptor)
        active.torn = False
