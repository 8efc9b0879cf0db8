"""What was private in what came: by what it was and where it stood."""

import time

from midwatch.server.model.timerange import format_time
from midwatch.server.query.source import Scope, Source
from midwatch.server.schemas.base import QueryStats
from midwatch.server.schemas.privacy import Leak, LeakReport

LISTED_MAX = 1000


class Leaks:
    def __init__(self, source: Source) -> None:
        self._source = source

    async def report(self, scope: Scope, *, limit: int) -> LeakReport:
        """By minutes; environments are not told apart."""
        began = time.monotonic()
        everywhere = Scope(scope.span, (), scope.project)
        rows = await self._source.rows(
            f"""SELECT *, toUInt64(sum(n) OVER ()) AS total FROM (
                SELECT Signal, ServiceName, Found, Place, Key, toUInt64(sum(Count)) AS n,
                    toUnixTimestamp(max(Minute)) AS last
                FROM leaks WHERE {everywhere.where("Minute", nanos=False)}
                GROUP BY Signal, ServiceName, Found, Place, Key
            ) ORDER BY n DESC, Signal, ServiceName, Found, Place, Key LIMIT {limit + 1}""",
            everywhere.params,
        )
        leaks = [
            Leak(
                signal=row["Signal"],
                service=row["ServiceName"],
                found=row["Found"],
                place=row["Place"],
                key=row["Key"],
                count=int(row["n"]),
                last_seen=format_time(int(row["last"]) * 10**9),
            )
            for row in rows[:limit]
        ]
        return LeakReport(
            leaks=leaks,
            total=int(rows[0]["total"]) if rows else 0,
            truncated=len(rows) > limit,
            stats=QueryStats(elapsed_ms=(time.monotonic() - began) * 1000),
        )
