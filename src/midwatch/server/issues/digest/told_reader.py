"""Exceptions that spans and log records told of, from the store to the digest: each segment once it is whole there."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

import structlog

from midwatch.server.looking import Left, Pace, look_on
from midwatch.server.model.clock import Clock
from midwatch.server.model.errors import MidwatchError
from midwatch.server.other_process import ProcessLost
from midwatch.server.workspace.issue_ledger import IssueLedger

log = structlog.get_logger(__name__)

ALL_SECONDS = 3 * 86_400
"""As long as the table keeps them."""
PACE = Pace(look=1.0, idle=15.0, all=600.0, recent_span=900, all_span=ALL_SECONDS)
ROWS_AT_ONCE = 400
SEEDS_SECONDS = 86_400
SEEDS_MAX = 50_000

_SEGMENTS = """SELECT lower(hex(Segment)) AS segment FROM told_exceptions
WHERE ReceivedAt >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') GROUP BY Segment ORDER BY Segment"""
_ROWS = """SELECT Project, toUnixTimestamp64Nano(Timestamp) AS TimeNs, toString(Source) AS Source, TraceId, SpanId,
    ServiceName, Environment, Level, Body, Attributes, SpanAttributes, ResourceAttributes, KeyId,
    toUnixTimestamp64Milli(ReceivedAt) * 1000000 AS ReceivedNs, lower(hex(Segment)) AS SegmentHex, SegmentRow, Place
FROM told_exceptions WHERE Segment = unhex({segment:String})
ORDER BY SegmentRow, Place LIMIT {limit:UInt32} OFFSET {offset:UInt64}"""
_SEEDS = """SELECT Project, TraceId, Type, toUnixTimestamp64Nano(Timestamp) AS TimeNs, toString(Source) AS Source,
    Value, GroupHash, EventId FROM error_events
WHERE Timestamp >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') - INTERVAL 1 DAY
    AND ReceivedAt >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
ORDER BY ReceivedAt DESC LIMIT {limit:UInt32}"""


class Rows(Protocol):
    async def rows(self, sql: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]: ...


class Digests(Protocol):
    async def told(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None: ...


class ToldReader:
    """Under a lease: one server does it for all."""

    def __init__(
        self,
        store: Rows,
        digests: Digests,
        ledger: IssueLedger,
        clock: Clock,
        *,
        waiting: Callable[[], Collection[str]],
        stored: Callable[[], int],
    ) -> None:
        """`waiting`: segments that are not whole in the store; `stored`: grows with what this server stores."""
        self._store, self._digests, self._ledger, self._clock = store, digests, ledger, clock
        self._waiting, self._stored = waiting, stored
        self._done: set[str] = set()

    async def seeds(self) -> list[tuple[Any, ...]]:
        """What a new process has to know (`worker.remember`), the oldest first."""
        since = self._clock.now_ns() // 1_000_000 - SEEDS_SECONDS * 1000
        found = await self._store.rows(_SEEDS, {"since": since, "limit": SEEDS_MAX})
        return [tuple(row.values()) for row in reversed(found)]

    async def run(self) -> None:
        """Until cancelled."""
        self._done.clear()

        async def look(seconds: int) -> Left:
            return Left.SOME if await self._look(seconds) else Left.NOTHING

        async def failed(error: Exception) -> None:
            log.warning("digest.told_retry", error=str(error))

        errors = (MidwatchError, ProcessLost)
        await look_on(look, pace=PACE, clock=self._clock, stored=self._stored, failed=failed, errors=errors)

    async def _look(self, seconds: int) -> bool:
        """Whether there is more that is not whole yet."""
        since = self._clock.now_ns() // 1_000_000 - seconds * 1000
        found = [row["segment"] for row in await self._store.rows(_SEGMENTS, {"since": since})]
        new = [segment for segment in found if segment not in self._done]
        if seconds == ALL_SECONDS:
            self._done.intersection_update(found)
        self._done.update(await self._ledger.digested(new))
        waiting = self._waiting()
        incomplete = False
        for segment in new:
            if segment in waiting:
                incomplete = True
            elif segment not in self._done:
                await self._take(segment)
                await self._ledger.note_digested([segment])
                self._done.add(segment)
        return incomplete

    async def _take(self, segment: str) -> None:
        offset = 0
        while True:
            rows = await self._store.rows(_ROWS, {"segment": segment, "limit": ROWS_AT_ONCE, "offset": offset})
            if rows:
                await self._digests.told(f"told/{segment}/{offset}", rows)
            if len(rows) < ROWS_AT_ONCE:
                return
            offset += len(rows)
