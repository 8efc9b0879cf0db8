"""Groups that came far more often of late than before, and how much came since a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

RECENT_MINUTES = 10
BEFORE_HOURS = 24
EVENTS_MIN = 20
TIMES = 5.0
OLD_MINUTES = 60
"""What was first seen less than so long ago is new and not spiking."""


@dataclass(frozen=True, slots=True)
class Spike:
    project: int
    hash: str
    events: float
    usual: float
    """In as many minutes, over the day before."""


class Rows(Protocol):
    async def rows(self, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]: ...


class SpikeQueries:
    def __init__(self, source: Rows) -> None:
        self._source = source

    async def now(self, now_s: int) -> list[Spike]:
        parts = BEFORE_HOURS * 60 // RECENT_MINUTES
        sql = f"""
            SELECT Project, GroupHash, sumIf(Count, Minute >= toDateTime64({{recent:Int64}}, 0, 'UTC')) AS events,
                sumIf(Count, Minute < toDateTime64({{recent:Int64}}, 0, 'UTC')) / {parts} AS usual,
                min(Minute) AS first
            FROM error_volume WHERE Minute >= toDateTime64({{since:Int64}}, 0, 'UTC')
            GROUP BY Project, GroupHash
            HAVING events >= {EVENTS_MIN} AND events > {TIMES} * greatest(usual, 1)
                AND first < toDateTime64({{old:Int64}}, 0, 'UTC')
            ORDER BY events DESC LIMIT 1000"""
        recent = now_s - RECENT_MINUTES * 60
        params = {"recent": recent, "since": recent - BEFORE_HOURS * 3600, "old": now_s - OLD_MINUTES * 60}
        return [
            Spike(int(row["Project"]), row["GroupHash"], float(row["events"]), float(row["usual"]))
            for row in await self._source.rows(sql, params)
        ]

    async def since(self, project: int, hashes: Sequence[str], since_ms: int) -> tuple[float, int]:
        """Events and users."""
        sql = """
            SELECT sum(Weight) AS events, uniqIf(UserKey, UserKey != '') AS users FROM error_events
            WHERE Project = {project:UInt32} AND GroupHash IN {hashes:Array(String)} AND NOT Duplicate
                AND Timestamp > fromUnixTimestamp64Milli({since:Int64}, 'UTC')"""
        rows = await self._source.rows(sql, {"project": project, "hashes": list(hashes), "since": since_ms})
        return (float(rows[0]["events"]), int(rows[0]["users"])) if rows else (0.0, 0)
