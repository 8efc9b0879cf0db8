"""The write-ahead log: what is appended is on disk before the caller is told, in one fsync for many callers.

One segment per kind is appended to; a consumer (the store's writer) takes sealed ones. A segment grows while its
consumer is busy, so that a store under load gets few large blocks.
"""

import asyncio
import contextlib
import errno
import os
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeVar

import structlog

from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import RateLimited, Unavailable
from midwatch.server.model.measure import Measure
from midwatch.server.model.segments import Position, SealedSegment
from midwatch.server.model.signal import SegmentKind
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.wal.frames import scan
from midwatch.server.wal.ids import SegmentIds

log = structlog.get_logger(__name__)

SEGMENT_BYTES_MAX = 32 << 20
BYTES_MAX = 1 << 30
LINGER_SECONDS = 0.5
"""How long an idle writer lets a segment gather before it takes it."""
SUFFIX = ".wal"

T = TypeVar("T")
Parts = list[bytes | memoryview]


@dataclass
class _Active:
    """The segment of a kind that is being appended to."""

    id: str
    path: Path
    file: BinaryIO
    first_appended_ns: int
    size_bytes: int = 0
    frames: int = 0


@dataclass
class _Lane:
    """Everything of one kind. Appends wait in `pending` until the committer has written and synced them."""

    active: _Active | None = None
    sealed: deque[SealedSegment] = field(default_factory=deque)
    pending: list[tuple[Parts, "asyncio.Future[Position]"]] = field(default_factory=list)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    filled: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class WriteAheadLog:
    """Implements `SegmentSource` (server/model/segments.py). Used from one event loop; files are touched in threads."""

    def __init__(
        self,
        directory: Path,
        dead_letters: DeadLetters,
        clock: Clock,
        *,
        bytes_max: int = BYTES_MAX,
        segment_bytes_max: int = SEGMENT_BYTES_MAX,
        linger_seconds: float = LINGER_SECONDS,
    ) -> None:
        self._directory = directory
        self._dead_letters = dead_letters
        self._clock = clock
        self._bytes_max = bytes_max
        self._segment_bytes_max = segment_bytes_max
        self._linger_seconds = linger_seconds
        self._ids = SegmentIds(clock)
        self._lanes = {kind: _Lane() for kind in SegmentKind}
        self._waiting: dict[str, SealedSegment | None] = {}
        self._visible: dict[str, asyncio.Event] = {}
        self._successors: dict[str, list[str]] = {}
        self._threads = ThreadPoolExecutor(len(SegmentKind) + 2, "wal")
        self._committers: list[asyncio.Task[None]] = []
        self._bytes_waiting = 0
        self._appended = 0
        self._commits = 0
        self._closed = False

    async def open(self) -> None:
        """Take over what an earlier process left: whole frames are kept, torn or damaged ones become dead letters."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for segment in await self._in_thread(self._recover):
            self._lanes[segment.kind].sealed.append(segment)
            self._lanes[segment.kind].filled.set()
            self._track(segment.id, segment.size_bytes)
        self._committers = [asyncio.create_task(self._commit(kind), name=f"wal-{kind}") for kind in SegmentKind]

    async def close(self) -> None:
        """Write and sync what was accepted; segments that are left are stored at the next start."""
        self._closed = True
        for lane in self._lanes.values():
            lane.wake.set()
        await asyncio.gather(*self._committers)
        for lane in self._lanes.values():
            if lane.active is not None:
                lane.active.file.close()
        self._threads.shutdown(wait=True)

    async def append(self, kind: SegmentKind, parts: Parts) -> Position:
        """Return when the frame is on disk.

        Raises:
            RateLimited: as much waits for the store as may wait.
            Unavailable: the disk is full, or the log is closing.
        """
        if self._closed:
            raise Unavailable("cannot take data: Midwatch is stopping", code="stopping")
        if self._bytes_waiting >= self._bytes_max:
            raise RateLimited(
                f"cannot take data: {self._bytes_waiting:,} bytes wait for the store, as many as may wait",
                retry_after_seconds=5,
                code="wal_full",
            )
        future: asyncio.Future[Position] = asyncio.get_running_loop().create_future()
        lane = self._lanes[kind]
        lane.pending.append((parts, future))
        lane.wake.set()
        return await future

    async def wait_visible(self, position: Position, timeout_seconds: float) -> bool:
        """True as soon as queries see everything of that segment; False when that took too long."""
        deadline = self._clock.monotonic() + timeout_seconds
        ids = [position.segment_id]
        for lane in self._lanes.values():
            lane.hurry.set()
        while ids:
            segment_id = ids.pop()
            if (event := self._visible.get(segment_id)) is not None:
                try:
                    await asyncio.wait_for(event.wait(), max(0.0, deadline - self._clock.monotonic()))
                except TimeoutError:
                    return False
            ids += self._successors.get(segment_id, [])
        return True

    @property
    def segments_waiting(self) -> int:
        return len(self._waiting)

    @property
    def bytes_waiting(self) -> int:
        return self._bytes_waiting

    @property
    def bytes_max(self) -> int:
        return self._bytes_max

    def oldest_waiting_seconds(self) -> float:
        """Age of the oldest acknowledged data that queries do not see yet."""
        starts = [lane.active.first_appended_ns for lane in self._lanes.values() if lane.active]
        starts += [segment.first_appended_ns for segment in self._waiting.values() if segment]
        return max(0.0, (self._clock.now_ns() - min(starts)) / 1e9) if starts else 0.0

    def measures(self) -> Iterable[Measure]:
        yield Measure("midwatch_wal_frames_total", "Bodies appended to the write-ahead log", self._appended)
        yield Measure("midwatch_wal_commits_total", "Group commits (fsync)", self._commits)
        yield Measure("midwatch_wal_bytes", "Bytes that wait for the store", self._bytes_waiting, kind="gauge")
        yield Measure("midwatch_wal_segments", "Segments that wait for the store", len(self._waiting), kind="gauge")
        age = self.oldest_waiting_seconds()
        yield Measure("midwatch_wal_oldest_seconds", "Age of the oldest data not yet visible", age, kind="gauge")

    # --- the writer's side -------------------------------------------------------------------------------------------

    async def next_sealed(self, kind: SegmentKind) -> SealedSegment:
        lane = self._lanes[kind]
        await lane.filled.wait()
        if not lane.sealed and not lane.hurry.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(lane.hurry.wait(), self._linger_seconds)
        lane.hurry.clear()
        async with lane.turn:
            if not lane.sealed:
                await self._in_thread(self._seal, kind, lane)
            segment = lane.sealed.popleft()
            if not lane.sealed and lane.active is None:
                lane.filled.clear()
        return segment

    async def done(self, segment: SealedSegment) -> None:
        await self._in_thread(segment.path.unlink)
        self._forget(segment)

    async def split(self, segment: SealedSegment) -> list[SealedSegment]:
        if segment.frames < 2:
            return []
        halves = await self._in_thread(self._halve, segment)
        for half in halves:
            self._track(half.id, half.size_bytes, half)
        self._successors[segment.id] = [half.id for half in halves]
        self._forget(segment)
        return halves

    async def bury(self, segment: SealedSegment, error: str) -> None:
        await self._in_thread(self._dead_letters.bury, segment.path, segment.kind, error)
        self._forget(segment)

    # --- the committer -----------------------------------------------------------------------------------------------

    async def _commit(self, kind: SegmentKind) -> None:
        """Write what is pending and sync once for all of it; what comes meanwhile waits for the next round."""
        lane = self._lanes[kind]
        while True:
            await lane.wake.wait()
            lane.wake.clear()
            batch, lane.pending = lane.pending, []
            if batch:
                async with lane.turn:
                    await self._commit_batch(kind, lane, batch)
            if self._closed and not lane.pending:
                return

    async def _commit_batch(
        self, kind: SegmentKind, lane: _Lane, batch: list[tuple[Parts, "asyncio.Future[Position]"]]
    ) -> None:
        try:
            segment_id, size = await self._in_thread(self._write, kind, lane, [parts for parts, _ in batch])
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            code = "disk_full" if full else "wal_failed"
            failure = Unavailable(f"cannot write the log: {error.strerror}", retry_after_seconds=30, code=code)
            log.error("wal.write_failed", error=str(error))
            for _, future in batch:
                if not future.done():
                    future.set_exception(failure)
            return
        self._appended += len(batch)
        self._commits += 1
        self._track(segment_id, size)
        lane.filled.set()
        for _, future in batch:
            if not future.done():
                future.set_result(Position(segment_id))

    def _write(self, kind: SegmentKind, lane: _Lane, frames: list[Parts]) -> tuple[str, int]:
        active = lane.active
        if active is not None and active.size_bytes >= self._segment_bytes_max:
            self._seal(kind, lane)
            active = None
        if active is None:
            active = lane.active = self._create(kind)
        before = active.size_bytes
        try:
            size = 0
            for parts in frames:
                size += sum(active.file.write(part) for part in parts)
            active.file.flush()
            os.fsync(active.file.fileno())
        except OSError:
            # Nobody was told: cut back to what was, so that no half frame lies before the next one.
            self._cut_back(active, before)
            raise
        active.size_bytes += size
        active.frames += len(frames)
        return active.id, size

    def _cut_back(self, active: _Active, size: int) -> None:
        descriptor = os.open(active.path, os.O_WRONLY)
        try:
            os.ftruncate(descriptor, size)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            active.file.close()
        except OSError:
            log.warning("wal.buffer_lost", segment=active.id)
        active.file = active.path.open("ab")
        os.ftruncate(active.file.fileno(), size)

    def _create(self, kind: SegmentKind) -> _Active:
        segment_id = self._ids.next()
        path = self._directory / f"{segment_id}.{kind}{SUFFIX}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._sync_directory()
        return _Active(segment_id, path, os.fdopen(descriptor, "wb"), self._clock.now_ns())

    def _seal(self, kind: SegmentKind, lane: _Lane) -> None:
        active = lane.active
        assert active is not None
        active.file.close()
        lane.active = None
        segment = SealedSegment(
            active.id, kind, active.path, active.size_bytes, active.frames, active.first_appended_ns
        )
        self._waiting[active.id] = segment
        lane.sealed.append(segment)

    def _halve(self, segment: SealedSegment) -> list[SealedSegment]:
        data = memoryview(segment.path.read_bytes())
        spans = list(scan(data))
        middle = spans[len(spans) // 2].start
        halves = []
        for piece, frames in ((data[:middle], len(spans) // 2), (data[middle:], len(spans) - len(spans) // 2)):
            active = self._create(segment.kind)
            active.file.write(piece)
            active.file.flush()
            os.fsync(active.file.fileno())
            active.file.close()
            halves.append(
                SealedSegment(active.id, segment.kind, active.path, len(piece), frames, segment.first_appended_ns)
            )
        segment.path.unlink()
        self._sync_directory()
        return halves

    def _recover(self) -> list[SealedSegment]:
        found = []
        for path in sorted(self._directory.glob(f"*{SUFFIX}")):
            segment_id, kind_name = path.name.removesuffix(SUFFIX).split(".")
            kind = SegmentKind(kind_name)
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
                continue
            if len(intact) != len(spans):
                self._replace(path, b"".join(bytes(data[span.start : span.end]) for span in intact))
            first_ns = int(segment_id[:12], 16) * 1_000_000
            size = sum(span.end - span.start for span in intact)
            found.append(SealedSegment(segment_id, kind, path, size, len(intact), first_ns, recovered=True))
            self._ids.not_before(segment_id)
        return found

    def _replace(self, path: Path, content: bytes) -> None:
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
        self._sync_directory()

    def _sync_directory(self) -> None:
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _track(self, segment_id: str, size: int, segment: SealedSegment | None = None) -> None:
        self._waiting.setdefault(segment_id, segment)
        self._visible.setdefault(segment_id, asyncio.Event())
        self._bytes_waiting += size

    def _forget(self, segment: SealedSegment) -> None:
        self._waiting.pop(segment.id, None)
        self._bytes_waiting -= segment.size_bytes
        self._visible.pop(segment.id).set()

    async def _in_thread(self, call: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)
