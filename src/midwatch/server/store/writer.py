"""Segments → store, exactly once.

Per kind, one segment after another in the order of their ids. A segment's INSERT decodes all of it before the first
part is written, and then every target gets one part per day. When the outcome of an INSERT is unknown (the engine died,
the connection broke, this process was killed) the writer first makes sure that the statement no longer runs, asks each
target which days of the segment it has, and inserts only what is missing.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from midwatch.contract.privacy import REMOVED
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import StoreError
from midwatch.server.model.faults import fault_point
from midwatch.server.model.measure import Counts, Measure
from midwatch.server.model.privacy import NEVER, Cleaner, Looks
from midwatch.server.model.segments import SealedSegment, SegmentSource
from midwatch.server.model.signal import SegmentKind, Signal
from midwatch.server.store.client import QueryClass, Store
from midwatch.server.store.flatten import FLATTENINGS
from midwatch.server.store.flatten.marks import CODE, NOT_PLAIN, REMOVED_HERE, SUSPICIOUS
from midwatch.server.store.flatten.statement import NOT_LOOKED_AT, REFUSING, SETTINGS, Flattening, Looking
from midwatch.server.store.private_cells import PrivateCells
from midwatch.server.store.series_limits import NO_LIMIT_REACHED, Judgement, SeriesLimits, SeriesMax, told_of
from midwatch.server.store.staging import SERIES_IN, Target

log = structlog.get_logger(__name__)

BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
FRESHNESS_SECONDS = 600.0
FRESHNESS_SAMPLES_MAX = 2000
UNREADABLE_CODES = frozenset({6, 26, 27, 32, 33, 72, 117, 128, 131, 349, 407, 434, 444, 570, 636})
"""Exception codes that say: this data cannot be decoded, however often it is tried (32 and 33: ends too early).

Type mismatches (53, 70) are not among them: those would be our statement's mistake, and no reason to bury data.
"""
TOO_LARGE_CODES = frozenset({159, 241})
"""Exception codes that say: this needs more time or memory than it may have, which may come from its size."""
TOO_LARGE_ATTEMPTS = 3
LONG_WAY_AGAIN = 32
"""So many segments of a kind take the long way after one for which the short one was none."""
AHEAD_SECONDS = 86400.0
_REMOVED_HERE = r"\[removed\]\x01"
DAY_NS = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class Policy:
    """What the plan and the settings say about items; read anew for every segment."""

    retention_days: Mapping[Signal, float]
    deny: str
    """Regular expression of attribute keys whose values are removed."""
    ahead_seconds: float = AHEAD_SECONDS
    series: SeriesMax = field(default_factory=SeriesMax)
    looks: Looks = field(default_factory=Looks)


class Labels:
    """The value of `Writer` in roll-up rows.

    Under one label ids only grow, so that the newest segment of a row is the one stored last. Each run has labels
    of its own, one a kind: clocks may go back between runs. A segment that comes out of order (halves of one that was
    split) gets one for itself.
    """

    def __init__(self, writer_id: str) -> None:
        self.run = f"{writer_id}.{secrets.token_hex(3)}"
        self._newest: dict[SegmentKind, str] = dict.fromkeys(SegmentKind, "")

    def label(self, segment: SealedSegment) -> str:
        if segment.id < self._newest[segment.kind]:
            return f"{self.run}.{segment.id}"
        self._newest[segment.kind] = segment.id
        return f"{self.run}.{segment.kind}"


class Ways:
    """Which way a segment is worth trying first: senders seldom change what they send."""

    def __init__(self) -> None:
        self._left: dict[tuple[SegmentKind, str], int] = {}

    def may_take(self, kind: SegmentKind, obstacle: str) -> bool:
        """Asked once for every segment and obstacle (`NOT_PLAIN`, `SUSPICIOUS`)."""
        left = self._left.get((kind, obstacle), 0)
        self._left[kind, obstacle] = max(0, left - 1)
        return not left

    def was_hindered(self, kind: SegmentKind, obstacle: str) -> None:
        self._left[kind, obstacle] = LONG_WAY_AGAIN


class Writer:
    """Drains every kind of segment of one source into one store."""

    def __init__(
        self,
        source: SegmentSource,
        store: Store,
        clock: Clock,
        *,
        writer_id: str,
        policy: Callable[[], Policy],
        cleaner: Cleaner | None = None,
    ) -> None:
        """Without a `cleaner` no row is looked at: what is private goes by its key alone."""
        self._private = PrivateCells(store, cleaner) if cleaner is not None else None
        self._source = source
        self._store = store
        self._clock = clock
        self._labels = Labels(writer_id)
        self._policy = policy
        self._series = SeriesLimits(store, clock, lambda: policy().series)
        self._freshness: dict[Signal, deque[tuple[float, float]]] = {
            signal: deque(maxlen=FRESHNESS_SAMPLES_MAX) for signal in Signal
        }
        self._accepted: dict[Signal, int] = dict.fromkeys(Signal, 0)
        self._ways = Ways()
        self._segments = Counts("midwatch_writer_segments_total", "Segments by kind and outcome", ("kind", "outcome"))
        self._bytes = Counts("midwatch_writer_bytes_total", "Bytes of segments stored, by kind", ("kind",))

    @property
    def run_label(self) -> str:
        """How `Writer` begins in every roll-up row of this run."""
        return f"{self._labels.run}."

    async def run(self) -> None:
        """Drain until cancelled."""
        async with asyncio.TaskGroup() as group:
            for kind in FLATTENINGS:
                group.create_task(self._drain(kind), name=f"writer-{kind}")

    def freshness(self, signal: Signal) -> tuple[float, float] | None:
        """Median and 99th percentile of seconds from acknowledged to visible, over the last ten minutes."""
        since = self._clock.monotonic() - FRESHNESS_SECONDS
        ages = sorted(age for at, age in self._freshness[signal] if at >= since)
        if not ages:
            return None
        return ages[len(ages) // 2], ages[min(len(ages) - 1, int(len(ages) * 0.99))]

    def accepted(self, signal: Signal) -> int:
        """Frames stored since start."""
        return self._accepted[signal]

    def measures(self) -> Iterable[Measure]:
        yield from self._segments.measures()
        yield from self._bytes.measures()
        for signal in Signal:
            if found := self.freshness(signal):
                for quantile, seconds in zip(("0.5", "0.99"), found, strict=True):
                    labels = (("signal", signal.value), ("quantile", quantile))
                    text = "Seconds from acknowledged to visible, over ten minutes"
                    yield Measure("midwatch_freshness_seconds", text, seconds, labels, kind="gauge")

    async def _drain(self, kind: SegmentKind) -> None:
        while True:
            segment = await self._source.next_sealed(kind)
            while True:
                try:
                    await self._store_segment(segment)
                    break
                except Exception:  # ours or the disk's: said with its trace, tried again, never the end of the writer
                    log.exception("writer.failed", segment=segment.id, kind=kind.value)
                    self._segments.add(kind.value, "failed")
                    await asyncio.sleep(BACKOFF_SECONDS[-1])
                    segment = replace(segment, recovered=True)

    async def _store_segment(self, segment: SealedSegment) -> None:
        """Try until every row is in the store or in the dead letters."""
        unknown, attempt = segment.recovered, 0
        judgement: Judgement | None = None
        while True:
            try:
                if judgement is None:
                    judgement = await self._judgement(segment, tried=unknown)
                if unknown:
                    await self._complete(segment, judgement)
                else:
                    fault_point("before_insert")
                    await self._insert(segment, judgement)
                fault_point("after_insert")
                break
            except StoreError as error:
                if self._may_be_its_content(error, attempt) and await self._nothing_stored(segment):
                    await self._isolate(segment, error)
                    return
                unknown = True
                seconds = BACKOFF_SECONDS[min(attempt, len(BACKOFF_SECONDS) - 1)]
                attempt += 1
                log.warning(
                    "writer.retry", segment=segment.id, kind=segment.kind.value, error=error.message, seconds=seconds
                )
                await asyncio.sleep(seconds)
        await self._source.done(segment)
        now = self._clock.now_ns()
        self._freshness[segment.kind.signal].append((self._clock.monotonic(), (now - segment.first_appended_ns) / 1e9))
        self._accepted[segment.kind.signal] += segment.frames
        self._segments.add(segment.kind.value, "completed" if unknown else "stored")
        self._bytes.add(segment.kind.value, amount=segment.size_bytes)

    async def _judgement(self, segment: SealedSegment, *, tried: bool) -> Judgement:
        if not FLATTENINGS[segment.kind].staging.brings_series:
            return NO_LIMIT_REACHED
        if tried:
            return await self._series.noted(segment.id)
        return await self._series.judge(segment.id, segment.size_bytes)

    async def _insert(self, segment: SealedSegment, judgement: Judgement = NO_LIMIT_REACHED) -> None:
        flattening = FLATTENINGS[segment.kind]
        if judgement.over and flattening.staging.table != SERIES_IN:
            # A view takes no parameters: what it would feed is inserted by a statement of its own.
            await self._insert_missing(segment, judgement, {})
            return
        policy, kind = self._policy(), segment.kind
        plain = flattening.plain is not None and self._ways.may_take(kind, NOT_PLAIN)
        looked_at = self._looks_at(flattening, policy)
        harmless = self._ways.may_take(kind, SUSPICIOUS)
        while True:
            form = flattening.plain if plain and flattening.plain is not None else flattening
            try:
                if harmless or not looked_at:
                    looking = REFUSING if looked_at else NOT_LOOKED_AT
                    await self._insert_as(form, segment, judgement, policy, looking)
                else:
                    async with self._answers(form, segment, policy) as looking:
                        await self._insert_as(form, segment, judgement, policy, looking)
                return
            except StoreError as error:
                if error.exception_code == CODE and plain and NOT_PLAIN in error.message:
                    plain, obstacle = False, NOT_PLAIN
                elif error.exception_code == CODE and harmless and SUSPICIOUS in error.message:
                    harmless, obstacle = False, SUSPICIOUS
                else:
                    raise
                self._ways.was_hindered(kind, obstacle)

    def _looks_at(self, flattening: Flattening, policy: Policy) -> bool:
        return self._private is not None and flattening.written is not None and bool(policy.looks.patterns)

    @asynccontextmanager
    async def _answers(self, flattening: Flattening, segment: SealedSegment, policy: Policy) -> AsyncIterator[Looking]:
        if self._private is None or not self._looks_at(flattening, policy):
            yield NOT_LOOKED_AT
            return
        params, settings = self._params(segment, policy), self._settings(flattening, segment)
        async with self._private.answers(segment, flattening, params, settings) as table:
            yield Looking(answers=table)

    async def _insert_as(
        self, flattening: Flattening, segment: SealedSegment, judgement: Judgement, policy: Policy, looking: Looking
    ) -> None:
        limited = bool(judgement.over)
        params = self._params(segment, policy) | ({**judgement.params(), "told": False} if limited else {})
        settings = self._settings(flattening, segment)
        sql = flattening.insert(limited=limited, looking=looking)
        await self._store.insert_file(sql, segment.path, params, settings, _query_id(segment), segment.pieces)

    async def _complete(self, segment: SealedSegment, judgement: Judgement) -> None:
        """Insert what the store lacks of a segment whose outcome is not known."""
        await self._stop_queries(segment)
        targets = FLATTENINGS[segment.kind].staging.targets
        days = {target: await self._days_present(target, segment) for target in targets}
        if not any(days.values()):
            await self._insert(segment, judgement)
            return
        await self._insert_missing(segment, judgement, days)

    async def _insert_missing(
        self, segment: SealedSegment, judgement: Judgement, days: Mapping[Target, list[int]]
    ) -> None:
        """Target by target, without the days that they have."""
        flattening, limited, policy = FLATTENINGS[segment.kind], bool(judgement.over), self._policy()
        settings = self._settings(flattening, segment)
        async with self._answers(flattening, segment, policy) as looking:
            for target in flattening.staging.targets:
                params = {**self._params(segment, policy), "present": days.get(target, [])}
                if limited:
                    told = target.table == SERIES_IN and await self._told(target, segment)
                    params |= {**judgement.params(), "told": told}
                query_id = f"{_query_id(segment)}-{target.table}"
                sql = flattening.insert_missing(target, limited=limited, looking=looking)
                await self._store.insert_file(sql, segment.path, params, settings, query_id, segment.pieces)
                fault_point("between_targets")

    async def _told(self, target: Target, segment: SealedSegment) -> bool:
        """Whether what series a segment became were over their limits is told."""
        sql, part = told_of(target.part)
        found = await self._store.rows(sql, {"segment": segment.id, "part": part}, query_class=QueryClass.INGEST)
        return bool(found[0]["n"])

    def _settings(self, flattening: Flattening, segment: SealedSegment) -> dict[str, str | int]:
        of_store = self._store.layout.insert_settings(segment.id)
        return {**SETTINGS, "format_schema": flattening.schema, **of_store}

    async def _days_present(self, target: Target, segment: SealedSegment) -> list[int]:
        rows = await self._store.table(target.present, {"segment": segment.id}, query_class=QueryClass.INGEST)
        return [int(row[0]) for row in rows.rows]

    @staticmethod
    def _may_be_its_content(error: StoreError, attempt: int) -> bool:
        if error.exception_code in TOO_LARGE_CODES:
            return attempt >= TOO_LARGE_ATTEMPTS
        return error.exception_code in UNREADABLE_CODES

    async def _nothing_stored(self, segment: SealedSegment) -> bool:
        """True when it is certain; a store that does not answer now is asked again after the next attempt."""
        try:
            await self._stop_queries(segment)
            for target in FLATTENINGS[segment.kind].staging.targets:
                if await self._days_present(target, segment):
                    return False
        except StoreError:
            return False
        return True

    async def _stop_queries(self, segment: SealedSegment) -> None:
        await self._store.stop_query(_query_id(segment))
        for target in FLATTENINGS[segment.kind].staging.targets:
            await self._store.stop_query(f"{_query_id(segment)}-{target.table}")

    async def _isolate(self, segment: SealedSegment, error: StoreError) -> None:
        """Halve a segment that cannot be decoded until the frames that spoil it are alone, and bury those."""
        halves = await self._source.split(segment)
        if not halves:
            log.error("writer.dead_letter", segment=segment.id, kind=segment.kind.value, code=error.exception_code)
            self._segments.add(segment.kind.value, "dead")
            await self._source.bury(segment, error.message)
            return
        for half in halves:
            await self._store_segment(half)

    def _params(self, segment: SealedSegment, policy: Policy) -> dict[str, Any]:
        looks, looked_at = policy.looks, self._looks_at(FLATTENINGS[segment.kind], policy)
        days = policy.retention_days[segment.kind.signal]
        # For ever means any age: also what is ahead of its time is kept then.
        params: dict[str, Any] = {
            "segment": segment.id,
            "writer": self._labels.label(segment),
            "deny": policy.deny,
            "keep_ns": int(days * DAY_NS),
            "ahead_ns": int(policy.ahead_seconds * 1e9),
            "ruled": looks.ruled,
            "leafwise": looks.leafwise if looked_at else NEVER,
            "removed": REMOVED_HERE if looked_at else REMOVED,
        }
        if looked_at:
            texts = [*looks.patterns, _REMOVED_HERE]
            params |= {
                "text_looks": texts,
                "name_looks": list(looks.names),
                "looks": [*texts, *looks.names],
                "key_looks": [*texts, *looks.names, f"(?m){looks.treated}"],
                "treated": looks.treated,
            }
        return params


def _query_id(segment: SealedSegment) -> str:
    return f"segment-{segment.id}"
