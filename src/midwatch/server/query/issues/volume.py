"""How often, for how many, since when: from the roll-up by minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from midwatch.server.query.issues.groups import Merged
from midwatch.server.query.source import Scope, Source

GROUPS_MAX = 50_000
BUCKETS = 48
BUCKETS_MAX = 300
TOP_MAX = 12
OTHER = "other"
BY = {
    "type": "Type",
    "category": "Category",
    "severity": "Severity",
    "service": "ServiceName",
    "environment": "Environment",
    "release": "Release",
    "handled": "if(Handled, 'handled', 'unhandled')",
}
"""What errors over time can be told apart by."""


@dataclass(frozen=True, slots=True)
class Seen:
    events: float
    users: int


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What only some of an issue's events have."""

    services: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        found = ""
        if self.services:
            found += " AND ServiceName IN {services:Array(String)}"
        if self.releases:
            found += " AND Release IN {releases:Array(String)}"
        return found

    @property
    def params(self) -> dict[str, Any]:
        return {
            name: list(values) for name, values in (("services", self.services), ("releases", self.releases)) if values
        }


class IssueVolume:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def by_issue(self, scope: Scope, merged: Merged, narrowed: Narrowed) -> dict[str, Seen]:
        """By primary hash: of issues with events in the scope, the busiest where there are too many."""
        sql = f"""
            SELECT {merged.primary} AS primary, sum(Count) AS events, uniqMerge(Users) AS users
            FROM error_volume WHERE {scope.where("Minute", nanos=False)}{narrowed.where}
            GROUP BY primary ORDER BY events DESC LIMIT {GROUPS_MAX}"""
        rows = await self._source.rows(sql, scope.params | merged.params | narrowed.params)
        return {row["primary"]: Seen(float(row["events"]), int(row["users"])) for row in rows}

    async def seen(self, scope: Scope, hashes: Sequence[str]) -> Seen:
        """Of one issue, by its groups."""
        sql = f"""
            SELECT sum(Count) AS events, uniqMerge(Users) AS users FROM error_volume
            WHERE {scope.where("Minute", nanos=False)} AND GroupHash IN {{hashes:Array(String)}}"""
        rows = await self._source.rows(sql, scope.params | {"hashes": list(hashes)})
        return Seen(float(rows[0]["events"]), int(rows[0]["users"])) if rows else Seen(0, 0)

    async def trends(
        self, scope: Scope, merged: Merged, narrowed: Narrowed, primaries: Sequence[str]
    ) -> dict[str, list[float]]:
        """Events of each issue in `BUCKETS` equal parts of the range, the oldest first."""
        if not primaries:
            return {}
        width = max(60, -(-(scope.span.end_ns - scope.span.start_ns) // (BUCKETS * 10**9)))
        sql = f"""
            SELECT {merged.primary} AS primary,
                intDiv(toUnixTimestamp(Minute) - intDiv({{start:Int64}}, 1000000000), {width}) AS bucket,
                sum(Count) AS events
            FROM error_volume
            WHERE {scope.where("Minute", nanos=False)}{narrowed.where} AND primary IN {{primaries:Array(String)}}
            GROUP BY primary, bucket"""
        params = scope.params | merged.params | narrowed.params | {"primaries": list(primaries)}
        found = {primary: [0.0] * BUCKETS for primary in primaries}
        for row in await self._source.rows(sql, params):
            found[row["primary"]][min(max(int(row["bucket"]), 0), BUCKETS - 1)] += float(row["events"])
        return found

    async def trend(self, scope: Scope, hashes: Sequence[str]) -> tuple[float, list[tuple[int, float, int]]]:
        """Of one issue: width in seconds, and start (s), events and users of each part that has some."""
        seconds = (scope.span.end_ns - scope.span.start_ns) / 1e9
        width = _round_width(seconds / 60)
        sql = f"""
            SELECT intDiv(toUnixTimestamp(Minute), {width}) * {width} AS at, sum(Count) AS events,
                uniqMerge(Users) AS users
            FROM error_volume
            WHERE {scope.where("Minute", nanos=False)} AND GroupHash IN {{hashes:Array(String)}}
            GROUP BY at ORDER BY at"""
        rows = await self._source.rows(sql, scope.params | {"hashes": list(hashes)})
        return width, [(int(row["at"]), float(row["events"]), int(row["users"])) for row in rows]

    async def over_time(self, scope: Scope, by: str) -> tuple[int, dict[str, dict[int, float]]]:
        """Width in seconds, and by value: events by start (s) of each part. The rarest are one."""
        column, seconds = BY[by], (scope.span.end_ns - scope.span.start_ns) / 1e9
        width = _round_width(seconds / BUCKETS)
        sql = f"""
            WITH (SELECT groupArray(value) FROM (
                SELECT toString({column}) AS value FROM error_volume WHERE {scope.where("Minute", nanos=False)}
                GROUP BY value ORDER BY sum(Count) DESC LIMIT {TOP_MAX})) AS top
            SELECT if(has(top, toString({column})), toString({column}), '{OTHER}') AS value,
                intDiv(toUnixTimestamp(Minute), {width}) * {width} AS at, sum(Count) AS events
            FROM error_volume WHERE {scope.where("Minute", nanos=False)} GROUP BY value, at ORDER BY at"""
        found: dict[str, dict[int, float]] = {}
        for row in await self._source.rows(sql, scope.params):
            found.setdefault(row["value"], {})[int(row["at"])] = float(row["events"])
        return width, found

    async def dropped(self, scope: Scope) -> dict[str, float]:
        """What was counted and not kept, by reason."""
        sql = """
            SELECT Reason AS reason, sum(Count) AS events FROM limits_hit
            WHERE Project = {project:UInt32} AND Signal = 'errors'
                AND Minute >= toStartOfMinute(fromUnixTimestamp64Nano({start:Int64}, 'UTC'))
                AND Minute < fromUnixTimestamp64Nano({end:Int64}, 'UTC')
            GROUP BY reason ORDER BY events DESC LIMIT 100"""
        params: Mapping[str, Any] = {key: value for key, value in scope.params.items() if key != "environments"}
        return {row["reason"]: float(row["events"]) for row in await self._source.rows(sql, params)}


def _round_width(seconds: float) -> int:
    """The next of the widths that people read."""
    for width in (60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86_400, 7 * 86_400):
        if seconds <= width:
            return width
    return 30 * 86_400
