"""Takes segments of envelopes from the log, has them digested in another process, and puts away what comes of them.

What is put away may be put away again after a crash: groups are noted by their hashes, blobs and replays by their
names, and bodies for the log under a digest made of where they came from.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import structlog
import xxhash

from midwatch.server.issues.digest.digested import BATCH_FRAMES, Digested, Maps, Order, Output, Replay
from midwatch.server.issues.digest.rows import leaks_line
from midwatch.server.issues.digest.worker import digest_segment, digest_told, remember, wanted_of
from midwatch.server.issues.rules import ErrorRules
from midwatch.server.issues.source_maps.lookups import Lookup
from midwatch.server.issues.source_maps.open_maps import Artifact
from midwatch.server.model.blobs import Blobs
from midwatch.server.model.clock import Clock
from midwatch.server.model.error_group import ErrorGroup
from midwatch.server.model.errors import BadRequest, MidwatchError
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.model.segments import Position, SealedSegment, SegmentSource
from midwatch.server.model.signal import SegmentKind
from midwatch.server.model.wal_keys import NO_KEYS, WalKeys
from midwatch.server.other_process import OtherProcess, ProcessLost
from midwatch.server.privacy.scrubber import Leak
from midwatch.server.wal.dead_letters import DeadLetters
from midwatch.server.wal.encryption import read_content
from midwatch.server.wal.frames import FrameHeader, encode_frame, scan
from midwatch.server.workspace.issue_ledger import IssueLedger

log = structlog.get_logger(__name__)

CALL_SECONDS_MAX = 120.0
BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)


class Log(Protocol):
    async def append_once(
        self, kind: SegmentKind, digest: bytes, parts: list[bytes | memoryview]
    ) -> tuple[Position, bool]: ...


class KeepsReplays(Protocol):
    async def keep(
        self, project: int, environment: str, event: Mapping[str, Any], recording: bytes, received_ns: int
    ) -> Mapping[Leak, int]:
        """Durable on return; the same again changes nothing. Returns what was private in it.

        Raises ValueError: it is no replay, and why.
        """
        ...


class KnowsMaps(Protocol):
    async def load(self, project: int, lookups: Sequence[Lookup]) -> dict[Lookup, Artifact]:
        """Those that were uploaded."""
        ...


@dataclass(frozen=True, slots=True)
class Desks:
    """Where the digest puts things."""

    ledger: IssueLedger
    log: Log
    blobs: Blobs
    replays: KeepsReplays
    maps: KnowsMaps
    dead_letters: DeadLetters


class Digester:
    """One for a server."""

    def __init__(
        self,
        source: SegmentSource,
        desks: Desks,
        clock: Clock,
        *,
        rules: Callable[[], ErrorRules],
        key_names: Callable[[], Mapping[str, str]],
        on_news: Callable[[], None],
        keys: WalKeys = NO_KEYS,
    ) -> None:
        self._source, self._desks, self._clock = source, desks, clock
        self._rules, self._key_names, self._on_news = rules, key_names, on_news
        self._keys = keys
        self._process = OtherProcess(call_seconds_max=CALL_SECONDS_MAX)
        self._seeds: Callable[[], Awaitable[Sequence[Any]]] | None = None
        self._seeded = False
        self._begun: dict[str, int] = {}
        self._items = Counts("midwatch_digest_items_total", "Items digested, by type and outcome", ("type", "outcome"))
        self._segments = Counts("midwatch_digest_segments_total", "Segments digested, by outcome", ("outcome",))
        self._issues = Counts("midwatch_issues_opened_total", "Issues that are new or came back", ())

    def seeds_from(self, seeds: Callable[[], Awaitable[Sequence[Any]]]) -> None:
        """Where a new process learns what an earlier one saw (see `worker.remember`)."""
        self._seeds = seeds

    def close(self) -> None:
        self._process.close()

    def measures(self) -> Iterable[Measure]:
        yield from self._items.measures()
        yield from self._segments.measures()
        yield from self._issues.measures()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            segment = await self._source.next_sealed(SegmentKind.SENTRY)
            await self._insistently(self._digest, segment)
            await self._source.done(segment)
            self._segments.add("digested")

    async def told(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Digest told exceptions; `name` is the same for the same rows. Returns when they are put away."""
        await self._seed()
        digested = await self._process.run(digest_told, rows, self._rules(), self._key_names())
        await self._insistently(self._put, name, digested)

    async def _insistently(self, work: Callable[..., Awaitable[None]], *arguments: object) -> None:
        """Again until it is done: what fails is the disk's or the database's, and passes."""
        attempt = 0
        while True:
            try:
                await work(*arguments)
                return
            except Exception as error:
                seconds = BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)]
                attempt += 1
                log.warning("digest.retry", error=str(error), seconds=seconds)
                if not isinstance(error, MidwatchError):
                    log.exception("digest.failed")
                self._segments.add("failed")
                await asyncio.sleep(seconds)

    async def _digest(self, segment: SealedSegment) -> None:
        await self._seed()
        start = self._begun.get(segment.id, 0)
        order = Order(segment.path, segment.id, start, self._rules(), self._key_names(), keys=self._keys)
        while order.start < segment.size_bytes:
            digested = await self._batch(order)
            if digested.end <= order.start:
                break
            # Not digested again: the process knows these events now, and would take them for repeated.
            await self._insistently(self._put, f"{segment.id}/{order.start}", digested, segment)
            self._begun[segment.id] = digested.end
            order = replace(order, start=digested.end, frames_max=BATCH_FRAMES)
        self._begun.pop(segment.id, None)

    async def _batch(self, order: Order) -> Digested:
        """The next frames. Where the process dies of them, one at a time; one that kills it alone goes aside."""
        try:
            wanted = await self._process.run(wanted_of, order)
            return await self._process.run(digest_segment, replace(order, maps=await self._maps(wanted)))
        except ProcessLost as error:
            log.warning("digest.process_lost", segment=order.segment, at=order.start, error=str(error))
            self._seeded = False
            if order.frames_max > 1:
                return await self._batch(replace(order, frames_max=1))
            end = await asyncio.to_thread(_end_of_frame, order)
            return Digested(end=end, failed=[(order.start, end, f"the digest's process was lost: {error}")])

    async def _maps(self, wanted: Mapping[int, Sequence[Lookup]]) -> Maps:
        """A bug of ours in finding source maps costs the source maps, which may come later, and holds up no event."""
        found: dict[int, Mapping[Lookup, Artifact]] = {}
        for project, lookups in wanted.items():
            try:
                if lookups and (some := await self._desks.maps.load(project, lookups)):
                    found[project] = some
            except MidwatchError:
                raise
            except Exception:
                log.exception("digest.maps_failed", project=project)
                self._items.add("source_maps", "failed")
        return found

    async def _put(self, name: str, digested: Digested, segment: SealedSegment | None = None) -> None:
        if segment is not None and digested.failed:
            await asyncio.to_thread(self._bury, segment, digested)
        for blob, content in digested.blobs:
            await self._desks.blobs.put(blob, content)
        recorded = [output for replay in digested.replays if (output := await self._keep_replay(replay)) is not None]
        news = await self._note(list(digested.groups.values()))
        for number, output in enumerate((*digested.outputs, *recorded)):
            digest = xxhash.xxh3_128(f"digest/{name}/{number}".encode()).digest()
            sender = output.sender
            header = FrameHeader(sender.project, sender.key_id, sender.environment, output.received_ns, digest)
            frame = encode_frame(output.kind, header, output.content)
            await self._desks.log.append_once(output.kind, digest, frame)
        for (kind, outcome), count in digested.counts.items():
            self._items.add(kind, outcome, amount=count)
        if news:
            self._issues.add(amount=news)
            self._on_news()

    async def _note(self, groups: Sequence[ErrorGroup]) -> int:
        """One that the database cannot hold costs itself alone: its events are stored, and belong to no issue."""
        try:
            return await self._desks.ledger.note(groups) if groups else 0
        except BadRequest as error:
            if len(groups) > 1:
                return sum([await self._note([group]) for group in groups])
            log.error("digest.group_refused", group=groups[0].hash, error=error.message)
            self._items.add("group", "refused")
            return 0

    async def _keep_replay(self, replay: Replay) -> Output | None:
        """What tells the store what was private in it; None where nothing was."""
        sender = replay.sender
        try:
            leaks = await self._desks.replays.keep(
                sender.project, sender.environment, replay.event, replay.recording, replay.received_ns
            )
            self._items.add("replay", "kept")
        except ValueError as error:
            log.info("digest.replay_refused", error=str(error)[:300])
            self._items.add("replay", "bad_item")
            return None
        if not leaks:
            return None
        line = leaks_line(leaks, self._key_names().get(sender.key_id, ""))
        return Output(sender, SegmentKind.ERROR_EVENTS, line, 0, replay.received_ns)

    def _bury(self, segment: SealedSegment, digested: Digested) -> None:
        """In a thread. The ids are the same when it is done again."""
        data = read_content(segment.path, self._keys)
        for start, end, error in digested.failed:
            letter = xxhash.xxh3_128(f"{segment.id}/{start}".encode()).hexdigest()
            # What went wrong may quote what was sent; the letter has it, without what is private.
            log.error("digest.dead_letter", segment=segment.id, letter=letter, error=error.partition(":")[0])
            self._desks.dead_letters.keep(bytes(data[start:end]), segment.kind, error, letter_id=letter)

    async def _seed(self) -> None:
        if self._seeded or self._seeds is None:
            return
        seeds = await self._seeds()
        if seeds:
            await self._process.run(remember, list(seeds))
        self._seeded = True


def _end_of_frame(order: Order) -> int:
    data = read_content(order.path, order.keys, order.start)
    return order.start + next(scan(data)).end
