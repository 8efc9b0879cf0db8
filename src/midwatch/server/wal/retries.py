"""Bodies that a sender sends again after a lost answer: acknowledged again, stored once.

What was acknowledged is remembered by digest for ten minutes. The memory outlives the process: a segment's own frames
carry their digests, and a journal keeps those of segments that are stored and gone.
"""

import asyncio
import os
import threading
import zlib
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from midwatch.server.model.clock import Clock
from midwatch.server.model.segments import Position
from midwatch.server.wal.durable import write_all

log = structlog.get_logger(__name__)

REMEMBERED_SECONDS = 600.0
REMEMBERED_MAX = 300_000
"""About 45 MB; ten minutes of 500 bodies a second. Above it the oldest minute is forgotten early."""
BUCKET_SECONDS = 60.0
DIGEST_BYTES = 16
RECORD_BYTES = DIGEST_BYTES + 8 + 16 + 4
JOURNAL_RECORDS_MAX = REMEMBERED_MAX // 2
JOURNAL_FILES_MAX = 8
"""Each start begins a file: a process that is restarted again and again still remembers."""
_PATTERN = "retries-*.journal"


@dataclass(frozen=True, slots=True)
class Remembered:
    """A body that is durable, as the journal has it."""

    digest: bytes
    received_ns: int
    segment_id: str

    def encode(self) -> bytes:
        content = self.digest + self.received_ns.to_bytes(8, "little", signed=True) + bytes.fromhex(self.segment_id)
        return content + zlib.crc32(content).to_bytes(4, "little")

    @classmethod
    def decode(cls, record: bytes) -> "Remembered | None":
        content, crc = record[:-4], int.from_bytes(record[-4:], "little")
        if len(record) != RECORD_BYTES or zlib.crc32(content) != crc:
            return None
        return cls(content[:16], int.from_bytes(content[16:24], "little", signed=True), content[24:].hex())


@dataclass(slots=True)
class _Bucket:
    started: float
    segments: dict[bytes, str] = field(default_factory=dict)


class Retries:
    """The memory. Used from the event loop; `Journal` is its part on disk."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: deque[_Bucket] = deque()
        self._flying: dict[bytes, asyncio.Future[Position]] = {}
        self._count = 0

    def find(self, digest: bytes) -> "Position | asyncio.Future[Position] | None":
        """Where the same body lies, the outcome that its first sender still waits for, or None."""
        if (flying := self._flying.get(digest)) is not None:
            return flying
        self._expire()
        for bucket in self._buckets:
            if (segment_id := bucket.segments.get(digest)) is not None:
                return Position(segment_id)
        return None

    def watch(self, digest: bytes, outcome: "asyncio.Future[Position]") -> None:
        """The first of its kind is on its way: remember it when that succeeds, forget it when not."""
        self._flying[digest] = outcome

        def settle(done: "asyncio.Future[Position]") -> None:
            del self._flying[digest]
            if not done.cancelled() and done.exception() is None:
                self._remember(digest, done.result().segment_id, self._clock.monotonic())

        outcome.add_done_callback(settle)

    def forget(self) -> None:
        """Nothing that was acknowledged so far is a repeat any more; what is on its way still is."""
        self._buckets.clear()
        self._count = 0

    def load(self, found: Iterable[Remembered]) -> None:
        """Take over what an earlier process acknowledged. A clock that was set back makes nothing older."""
        now, now_ns = self._clock.monotonic(), self._clock.now_ns()
        for known in sorted(found, key=lambda known: known.received_ns):
            age = max(0.0, (now_ns - known.received_ns) / 1e9)
            if age <= REMEMBERED_SECONDS:
                self._remember(known.digest, known.segment_id, now - age)

    def _remember(self, digest: bytes, segment_id: str, at: float) -> None:
        if not self._buckets or at - self._buckets[-1].started > BUCKET_SECONDS:
            self._buckets.append(_Bucket(at))
        newest = self._buckets[-1]
        self._count += digest not in newest.segments
        newest.segments[digest] = segment_id
        self._expire()

    def _expire(self) -> None:
        oldest = self._clock.monotonic() - REMEMBERED_SECONDS - BUCKET_SECONDS
        while self._buckets and (self._buckets[0].started < oldest or self._count > REMEMBERED_MAX):
            self._count -= len(self._buckets.popleft().segments)


class Journal:
    """The memory's part on disk: a few files, the oldest of which goes when the newest is full or ten minutes old.

    Written by the committers' threads behind their fsync, synced before a segment's file goes. Never in the way of an
    acknowledgement: a journal that cannot be written costs a retry's recognition and nothing else.
    """

    def __init__(self, directory: Path, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._number = 0
        self._records = 0
        self._started = 0.0
        self._synced = True

    def open(self) -> list[Remembered]:
        """What is in the files; writing begins in a new one."""
        found: list[Remembered] = []
        for path in sorted(self._directory.glob(_PATTERN)):
            content = path.read_bytes()
            records = (content[start : start + RECORD_BYTES] for start in range(0, len(content), RECORD_BYTES))
            found += [known for known in map(Remembered.decode, records) if known is not None]
            self._number = max(self._number, int(path.stem.partition("-")[2]))
        with self._lock:
            self._rotate()
        return found

    def write(self, known: Iterable[Remembered]) -> None:
        records = [one.encode() for one in known]
        if not records:
            return
        with self._lock:
            try:
                aged = self._clock.monotonic() - self._started > REMEMBERED_SECONDS
                if self._descriptor is None or aged or self._records >= JOURNAL_RECORDS_MAX:
                    self._rotate()
                assert self._descriptor is not None
                write_all(self._descriptor, [b"".join(records)])
                self._records += len(records)
                self._synced = False
            except OSError as error:
                log.warning("wal.journal_failed", error=str(error))
                self._close()

    def sync(self) -> None:
        """On disk, when the call returns, is all that was written."""
        with self._lock:
            if self._descriptor is not None and not self._synced:
                try:
                    os.fsync(self._descriptor)
                    self._synced = True
                except OSError as error:
                    log.warning("wal.journal_failed", error=str(error))
                    self._close()

    def close(self) -> None:
        self.sync()
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _rotate(self) -> None:
        if self._descriptor is not None and not self._synced:
            os.fsync(self._descriptor)
        self._close()
        self._number += 1
        path = self._directory / f"retries-{self._number:010d}.journal"
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        self._records, self._started, self._synced = 0, self._clock.monotonic(), True
        for old in sorted(self._directory.glob(_PATTERN))[:-JOURNAL_FILES_MAX]:
            old.unlink(missing_ok=True)
