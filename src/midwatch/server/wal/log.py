"""The write-ahead log: what is appended is on disk before the caller is told, in one fsync for many callers.

One segment per kind is appended to; a consumer (the store's writer) takes sealed ones. A segment grows while its
consumer is busy, so that a store under load gets few large blocks.
"""

import asyncio
import contextlib
import errno
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import structlog

from midwatch.server.model.attention import Attention
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import Conflict, RateLimited, Unavailable
from midwatch.server.model.faults import fault_point
from midwatch.server.model.measure import Measure
from midwatch.server.model.segments import Position, SealedSegment, SegmentFollower
from midwatch.server.model.signal import SegmentKind
from midwatch.server.model.wal_keys import NO_KEYS, WalKeys
from midwatch.server.wal.dead_letters import EVICTED, EXPIRED, DeadLetters
from midwatch.server.wal.durable import Part
from midwatch.server.wal.ids import SegmentIds
from midwatch.server.wal.retries import Journal, Remembered, Retries
from midwatch.server.wal.segment_files import ActiveSegment, SegmentFiles
from midwatch.server.wal.waiting import Waiting

log = structlog.get_logger(__name__)

SEGMENT_BYTES_MAX = 32 << 20
BYTES_MAX = 1 << 30
LINGER_SECONDS = 1.0
"""How long a segment gathers at least before an idle writer takes it."""
UNWATCHED_FACTOR = 4
"""So many times longer while nobody asks: planning an INSERT costs the same 100 ms for one span as for a thousand."""
REST_FACTOR = 2
"""A small segment gathers so many times longer than the one before it took to be stored, as long as while nobody asks
at most: a store that is slow, as others want its processor, too, gets fewer INSERTs."""
LOOK_SECONDS = 0.25
"""How soon a gathering segment notices that somebody asks."""
GATHER_SECONDS = 1.2
"""How long it may gather when it has more than GATHER_BYTES then: few large blocks cost the store less."""
GATHER_BYTES = 2 << 20

DISK_RETRY_SECONDS = 2.0
COMPLAINT_SECONDS = 10.0
"""A disk that refuses is said once in this time; the counter has every refusal."""

T = TypeVar("T")


@dataclass(slots=True)
class _Pending:
    parts: list[Part]
    size_bytes: int
    digest: bytes
    outcome: "asyncio.Future[Position]"


@dataclass(slots=True)
class _Lane:
    """Everything of one kind. Appends wait in `pending` until the committer has written and synced them."""

    active: ActiveSegment | None = None
    sealed: deque[SealedSegment] = field(default_factory=deque)
    pending: list[_Pending] = field(default_factory=list)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    filled: asyncio.Event = field(default_factory=asyncio.Event)
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    taken: float | None = None
    """When the consumer got its last segment."""
    rested: float = 0.0
    """Before then a small segment is not taken."""


class WriteAheadLog:
    """Implements `SegmentSource` (server/model/segments.py). Used from one event loop; files are touched in threads."""

    def __init__(
        self,
        directory: Path,
        dead_letters: DeadLetters,
        clock: Clock,
        keys: WalKeys = NO_KEYS,
        *,
        bytes_max: int = BYTES_MAX,
        segment_bytes_max: int = SEGMENT_BYTES_MAX,
        linger_seconds: float = LINGER_SECONDS,
        attention: Attention | None = None,
        disk_reserve_bytes: int = 0,
    ) -> None:
        self._directory = directory
        self._dead_letters = dead_letters
        self._clock = clock
        self._bytes_max = bytes_max
        self._segment_bytes_max = segment_bytes_max
        self._linger_seconds = linger_seconds
        self._attention = attention
        self._disk_reserve_bytes = disk_reserve_bytes
        self._files = SegmentFiles(directory, dead_letters, SegmentIds(clock), clock, keys)
        self._retries = Retries(clock)
        self._journal = Journal(directory, clock)
        self._lanes = {kind: _Lane() for kind in SegmentKind}
        self._waiting = Waiting(clock)
        self._threads = ThreadPoolExecutor(len(SegmentKind) + 2, "wal")
        self._committers: list[asyncio.Task[None]] = []
        self._followers: list[SegmentFollower] = []
        self._appended = 0
        self._commits = 0
        self._recovered = 0
        self._failures = 0
        self._complained: float | None = None
        self._closed = False

    async def open(self) -> None:
        """Take over what an earlier process left: whole frames are kept, torn or damaged ones become dead letters."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        remembered = await self._in_thread(self._journal.open)
        found = await self._in_thread(self._files.recover)
        self._retries.load([*remembered, *found.digests])
        for segment in found.segments:
            self._lanes[segment.kind].sealed.append(segment)
            self._lanes[segment.kind].filled.set()
            self._wait_for(segment)
        self._recovered = len(found.segments)
        self._committers = [asyncio.create_task(self._commit(kind), name=f"wal-{kind}") for kind in SegmentKind]

    async def close(self) -> None:
        """Write and sync what was accepted; segments that are left are stored at the next start."""
        self._closed = True
        for lane in self._lanes.values():
            lane.wake.set()
        await asyncio.gather(*self._committers)
        for lane in self._lanes.values():
            async with lane.turn:
                if lane.active is not None:
                    await self._in_thread(self._files.seal, lane.active)
                    lane.active = None
        await self._in_thread(self._journal.close)
        self._threads.shutdown(wait=True)

    async def append(self, kind: SegmentKind, parts: list[Part]) -> Position:
        """Return when the frame is on disk.

        Raises:
            RateLimited: as much waits for the store as may wait.
            Unavailable: the disk is full, or the log is closing.
        """
        return await asyncio.shield(self._enqueue(kind, parts, b""))

    async def append_once(self, kind: SegmentKind, digest: bytes, parts: list[Part]) -> tuple[Position, bool]:
        """The same, except that a body acknowledged in the last ten minutes is found and not appended again.

        Two at once share one outcome. A caller that goes away meanwhile changes nothing: its body is appended and
        remembered. The second member of the answer is True for a body that was known.
        """
        known = self._retries.find(digest)
        if isinstance(known, Position):
            return known, True
        if known is not None:
            return await asyncio.shield(known), True
        outcome = self._enqueue(kind, parts, digest)
        self._retries.watch(digest, outcome)
        return await asyncio.shield(outcome), False

    def follow(self, follower: SegmentFollower) -> None:
        """Tell it of every segment that is made from now on."""
        self._followers.append(follower)

    def forget_repeats(self) -> None:
        """What was acknowledged may come again and is stored again: it was deleted meanwhile. Of this process only."""
        self._retries.forget()

    async def wait_visible(self, position: Position, timeout_seconds: float) -> bool:
        """True as soon as queries see everything of that segment; False when that took too long."""
        for lane in self._lanes.values():
            if lane.active is not None and lane.active.id == position.segment_id:
                lane.hurry.set()
        return await self._waiting.until_gone(position.segment_id, timeout_seconds)

    async def retry(self, letter_id: str) -> None:
        """Give a dead letter to the store once more; it is in the log or among the letters, never in both.

        Raises:
            NotFound: there is no such letter.
            Conflict: its bytes are damaged, so that the store could not read them either, or not kept for that.
        """
        letter = await self._in_thread(self._dead_letters.get, letter_id)
        if not await self._in_thread(self._dead_letters.is_whole, letter_id):
            raise Conflict(f"cannot retry dead letter {letter_id}: its bytes are damaged, or not kept; show or drop it")
        lane = self._lanes[letter.kind]
        async with lane.turn:
            await self._seal(lane)
            source = self._dead_letters.frames_path(letter_id)
            segment = await self._in_thread(self._files.adopt, source, letter.kind)
            await self._in_thread(self._dead_letters.forget, letter_id)
            self._wait_for(segment)
            lane.sealed.append(segment)
            lane.filled.set()

    @property
    def segments_waiting(self) -> int:
        return len(self._waiting)

    def waiting(self) -> frozenset[str]:
        """Ids of segments with acknowledged data that queries do not see, or see in part."""
        return self._waiting.ids()

    @property
    def bytes_waiting(self) -> int:
        return self._waiting.size_bytes

    @property
    def bytes_max(self) -> int:
        return self._bytes_max

    def visible_until_ns(self) -> int:
        """Queries see everything that was acknowledged before this time."""
        return self._waiting.visible_until_ns()

    def oldest_waiting_seconds(self) -> float:
        """Age of the oldest acknowledged data that queries do not see yet."""
        return self._waiting.oldest_seconds()

    def measures(self) -> Iterable[Measure]:
        yield Measure("midwatch_wal_frames_total", "Bodies appended to the write-ahead log", self._appended)
        yield Measure("midwatch_wal_commits_total", "Group commits (fsync)", self._commits)
        yield Measure("midwatch_wal_failures_total", "Group commits that the disk refused", self._failures)
        yield Measure("midwatch_wal_recovered_total", "Segments found at the start", self._recovered)
        yield Measure("midwatch_wal_bytes", "Bytes that wait for the store", self.bytes_waiting, kind="gauge")
        yield Measure("midwatch_wal_bytes_max", "Bytes that may wait for the store", self._bytes_max, kind="gauge")
        yield Measure("midwatch_wal_segments", "Segments that wait for the store", self.segments_waiting, kind="gauge")
        age = self.oldest_waiting_seconds()
        yield Measure("midwatch_wal_oldest_seconds", "Age of the oldest data not yet visible", age, kind="gauge")
        letters = self._dead_letters
        evicted, expired = letters.gone_for(EVICTED), letters.gone_for(EXPIRED)
        yield Measure("midwatch_dead_letters", "Dead letters kept", letters.count, kind="gauge")
        yield Measure("midwatch_dead_letters_total", "Dead letters ever made, since start", letters.made)
        text = "Bytes of dead letters that nobody can read, and which are not kept, since start"
        yield Measure("midwatch_dead_letters_unread_bytes_total", text, letters.unread_bytes)
        yield Measure("midwatch_dead_letters_evicted_total", "Dead letters gone for want of room", evicted)
        yield Measure("midwatch_dead_letters_expired_total", "Dead letters gone for their age", expired)

    # --- the writer's side -------------------------------------------------------------------------------------------

    async def next_sealed(self, kind: SegmentKind) -> SealedSegment:
        """See `SegmentSource`."""
        lane = self._lanes[kind]
        if lane.taken is not None:
            now = self._clock.monotonic()
            longest = UNWATCHED_FACTOR * self._linger_seconds
            lane.rested = now + min(REST_FACTOR * (now - lane.taken), longest)
        while True:
            await lane.filled.wait()
            if not lane.sealed:
                await self._linger(lane)
            async with lane.turn:
                if not lane.sealed:
                    await self._seal(lane)
                    lane.hurry.clear()
                segment = lane.sealed.popleft() if lane.sealed else None
                if not lane.sealed and (lane.active is None or lane.active.frames == 0):
                    lane.filled.clear()
            if segment is not None:
                lane.taken = self._clock.monotonic()
                return segment

    async def done(self, segment: SealedSegment) -> None:
        """See `SegmentSource`."""
        await self._insistently(self._remove, segment)
        self._waiting.remove(segment)

    async def split(self, segment: SealedSegment) -> list[SealedSegment]:
        """See `SegmentSource`."""
        if segment.frames < 2:
            return []
        halves = await self._insistently(self._files.halve, segment)
        self._waiting.split(segment.id, halves)
        return halves

    async def bury(self, segment: SealedSegment, error: str) -> None:
        """See `SegmentSource`."""
        await self._insistently(self._dead_letters.bury, segment.path, segment.id, segment.kind, error)
        self._waiting.remove(segment)

    async def _linger(self, lane: _Lane) -> None:
        """Let the active segment gather, measured from its first frame."""
        while (active := lane.active) is not None and not lane.hurry.is_set():
            until = active.started + self._gathering_seconds(active)
            if active.size_bytes < GATHER_BYTES:
                until = max(until, lane.rested)
            remaining = until - self._clock.monotonic()
            if remaining <= 0:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(lane.hurry.wait(), min(remaining, LOOK_SECONDS))

    def _gathering_seconds(self, active: ActiveSegment) -> float:
        if active.size_bytes >= GATHER_BYTES:
            return max(GATHER_SECONDS, self._linger_seconds)
        watched = self._attention is None or self._attention.paid
        return self._linger_seconds * (1 if watched else UNWATCHED_FACTOR)

    def _remove(self, segment: SealedSegment) -> None:
        self._journal.sync()
        self._files.remove(segment)

    # --- the committer -----------------------------------------------------------------------------------------------

    def _enqueue(self, kind: SegmentKind, parts: list[Part], digest: bytes) -> "asyncio.Future[Position]":
        if self._closed:
            raise Unavailable("cannot take data: Midwatch is stopping", code="stopping")
        size = sum(len(part) for part in parts)
        if self._waiting.size_bytes and self._waiting.size_bytes + size > self._bytes_max:
            raise RateLimited(
                f"cannot take data: {self._waiting.size_bytes:,} bytes wait for the store, about as many as may wait",
                retry_after_seconds=5,
                code="wal_full",
            )
        self._waiting.size_bytes += size
        lane = self._lanes[kind]
        pending = _Pending(parts, size, digest, asyncio.get_running_loop().create_future())
        lane.pending.append(pending)
        lane.wake.set()
        return pending.outcome

    async def _commit(self, kind: SegmentKind) -> None:
        """Write what is pending and sync once for all of it; what comes meanwhile waits for the next round."""
        lane = self._lanes[kind]
        while True:
            await lane.wake.wait()
            lane.wake.clear()
            async with lane.turn:
                batch, lane.pending = lane.pending, []
                if batch:
                    await self._commit_batch(kind, lane, batch)
            if self._closed and not lane.pending:
                return

    async def _commit_batch(self, kind: SegmentKind, lane: _Lane, batch: list[_Pending]) -> None:
        try:
            if lane.active is not None and lane.active.size_bytes >= self._segment_bytes_max:
                await self._seal(lane)
            active = lane.active = await self._in_thread(self._write, kind, lane.active, batch)
        except OSError as error:
            self._fail(batch, error)
            return
        self._appended += len(batch)
        self._commits += 1
        self._waiting.add(active.id, active.first_appended_ns, digested=kind is SegmentKind.SENTRY)
        for follower in self._followers:
            follower.grown(kind, active.id, active.size_bytes)
        lane.filled.set()
        if active.size_bytes >= self._segment_bytes_max:
            lane.hurry.set()
        position = Position(active.id)
        for pending in batch:
            if not pending.outcome.done():
                pending.outcome.set_result(position)

    def _fail(self, batch: list[_Pending], error: OSError) -> None:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        self._failures += 1
        now = self._clock.monotonic()
        if self._complained is None or now - self._complained > COMPLAINT_SECONDS:
            self._complained = now
            log.error("wal.write_failed", error=str(error), failures=self._failures)
        for pending in batch:
            self._waiting.size_bytes -= pending.size_bytes
            if not pending.outcome.done():
                reason = "the disk is full" if full else error.strerror
                failure = Unavailable(
                    f"cannot write the log: {reason}",
                    retry_after_seconds=30,
                    code="disk_full" if full else "wal_failed",
                )
                pending.outcome.set_exception(failure)
                # Its sender may be gone: then nobody else looks at the exception.
                pending.outcome.exception()

    def _write(self, kind: SegmentKind, active: ActiveSegment | None, batch: list[_Pending]) -> ActiveSegment:
        if self._disk_reserve_bytes and self._files.free_bytes() < self._disk_reserve_bytes:
            raise OSError(errno.ENOSPC, "less than the reserve is free")
        created = active or self._create(kind)
        try:
            self._files.append(created, [part for pending in batch for part in pending.parts], len(batch))
        except OSError:
            if active is None:
                self._files.remove(self._files.seal(created))
                self._tell_sealed(created)
            raise
        now_ns = self._clock.now_ns()
        self._journal.write(Remembered(one.digest, now_ns, created.id) for one in batch if one.digest)
        fault_point("after_fsync_before_ack")
        return created

    def _create(self, kind: SegmentKind) -> ActiveSegment:
        created = self._files.create(kind)
        for follower in self._followers:
            follower.created(kind, created.id, created.path)
        return created

    async def _seal(self, lane: _Lane) -> None:
        """Move the active segment to the sealed ones. Under `lane.turn`."""
        if lane.active is not None and lane.active.frames:
            lane.sealed.append(await self._in_thread(self._files.seal, lane.active))
            self._tell_sealed(lane.active)
            lane.active = None

    def _tell_sealed(self, segment: ActiveSegment) -> None:
        for follower in self._followers:
            follower.sealed(segment.kind, segment.id)

    def _wait_for(self, segment: SealedSegment) -> None:
        self._waiting.add(segment.id, segment.first_appended_ns, digested=segment.kind is SegmentKind.SENTRY)
        self._waiting.size_bytes += segment.size_bytes

    async def _insistently(self, call: Callable[..., T], *arguments: object) -> T:
        """Again until the disk lets it: what the writer asks for is true or waits, and stops nobody else."""
        while True:
            try:
                return await self._in_thread(call, *arguments)
            except OSError as error:
                log.error("wal.disk_refuses", error=str(error), again_in_seconds=DISK_RETRY_SECONDS)
                await asyncio.sleep(DISK_RETRY_SECONDS)

    async def _in_thread(self, call: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)
