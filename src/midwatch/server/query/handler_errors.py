"""To which groups of errors the failures of handlers belong."""

from collections.abc import Mapping

from midwatch.server.query.source import Source

AROUND_MS = 3_600_000
"""Clocks of the app and of its store differ."""


class HandlerErrors:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def groups(self, failed: Mapping[tuple[int, str], int]) -> dict[tuple[int, str], str]:
        """Group hashes by project and event id; asked with when each failed (milliseconds). Raises StoreError."""
        if not failed:
            return {}
        sql = """
            SELECT Project, EventId, any(GroupHash) AS hash FROM error_events
            WHERE Project IN {projects:Array(UInt32)} AND EventId IN {ids:Array(String)}
                AND Timestamp >= fromUnixTimestamp64Milli({start:Int64}, 'UTC')
                AND Timestamp < fromUnixTimestamp64Milli({end:Int64}, 'UTC')
            GROUP BY Project, EventId"""
        params = {
            "projects": sorted({project for project, _ in failed}),
            "ids": [event_id for _, event_id in failed],
            "start": min(failed.values()) - AROUND_MS,
            "end": max(failed.values()) + AROUND_MS,
        }
        rows = await self._source.rows(sql, params)
        return {(int(row["Project"]), row["EventId"]): row["hash"] for row in rows}
