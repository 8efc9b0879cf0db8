"""Since when ids are indexed: what was stored before is found by its traces alone."""

import asyncio

from midwatch.server.model.clock import Clock
from midwatch.server.model.timerange import format_time
from midwatch.server.query.source import Source

SCHEMA = 15
"""The schema file that made the index; see `store/schema`."""
LOOK_AGAIN_SECONDS = 3600.0
"""What is older goes with its retention."""
_OLDER = """SELECT 1 AS found FROM {table} WHERE toYYYYMMDD(Timestamp) <= {{day:UInt32}}
    AND ReceivedAt < fromUnixTimestamp64Milli({{begun:Int64}}, 'UTC') LIMIT 1"""


class IndexBegin:
    """Asked once, and again each hour as long as there is something older."""

    def __init__(self, source: Source, clock: Clock) -> None:
        self._source, self._clock = source, clock
        self._begin_ns: int | None = None
        self._asked_at: float | None = None

    async def before(self) -> int | None:
        """Nanoseconds; None: everything that is stored is indexed."""
        due = self._asked_at is None or (
            self._begin_ns is not None and self._clock.monotonic() - self._asked_at > LOOK_AGAIN_SECONDS
        )
        if due:
            self._begin_ns = await self._look()
            self._asked_at = self._clock.monotonic()
        return self._begin_ns

    async def _look(self) -> int | None:
        rows = await self._source.rows(
            "SELECT toUnixTimestamp64Milli(max(AppliedAt)) AS begun, toYYYYMMDD(max(AppliedAt)) AS day"
            f" FROM schema_migrations WHERE Number = {SCHEMA}"
        )
        asked = {"begun": rows[0]["begun"], "day": rows[0]["day"]}
        found = await asyncio.gather(
            *(self._source.rows(_OLDER.format(table=table), asked) for table in ("logs", "spans"))
        )
        return rows[0]["begun"] // 1_000 * 10**9 if any(found) else None


def said(begin_ns: int) -> str:
    return (
        f"ids are indexed since {format_time(begin_ns)}: what was stored before is told only by its trace ids;"
        " ask for trace_id=…"
    )
