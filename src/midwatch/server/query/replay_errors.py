"""The errors of a session replay: those that its recording names, and those that name it."""

from collections.abc import Sequence
from dataclasses import dataclass

from midwatch.server.query.source import Source

ERRORS_MAX = 200
AROUND_NS = 3_600_000_000_000
"""Clocks of the browser and of what it asked differ."""


@dataclass(frozen=True, slots=True)
class SeenError:
    event_id: str
    at_ns: int
    title: str
    group: str


class ReplayErrors:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def of(
        self, project: int, replay_id: str, event_ids: Sequence[str], *, start_ns: int, end_ns: int
    ) -> list[SeenError]:
        """In order. Raises StoreError."""
        sql = """
            SELECT EventId, toUnixTimestamp64Nano(Timestamp) AS at, Title, GroupHash FROM error_events
            WHERE Project = {project:UInt32}
                AND Timestamp >= fromUnixTimestamp64Nano({start:Int64}, 'UTC')
                AND Timestamp < fromUnixTimestamp64Nano({end:Int64}, 'UTC')
                AND (ReplayId = {replay:String} OR EventId IN {ids:Array(String)}) AND NOT Duplicate
            ORDER BY Timestamp LIMIT {most:UInt32}"""
        params = {
            "project": project,
            "start": start_ns - AROUND_NS,
            "end": end_ns + AROUND_NS,
            "replay": replay_id,
            "ids": list(event_ids),
            "most": ERRORS_MAX,
        }
        rows = await self._source.rows(sql, params)
        return [SeenError(row["EventId"], int(row["at"]), row["Title"], row["GroupHash"]) for row in rows]
