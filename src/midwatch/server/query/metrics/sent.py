"""Which metrics came in lately, and of which kind: what a lint of queries has to know."""

from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.promql.labels import NAME
from midwatch.server.promql.lint import Sent
from midwatch.server.query.metrics.lists import LIST_MAX, MetricLists
from midwatch.server.query.metrics.scope import Reader, SeriesScope

LATELY_MS = 7 * 86_400_000
"""A metric that comes once a week is one that comes."""


class SentMetrics:
    def __init__(self, lists: MetricLists, reader: Reader, clock: Clock, scope: SeriesScope | None = None) -> None:
        self._lists, self._reader, self._clock, self._scope = lists, reader, clock, scope or SeriesScope()

    async def sent(self) -> Sent:
        """Where nothing came in yet nothing is said to be missing.

        Raises:
            StoreError: the store did not answer.
        """
        end_ms = now_ms(self._clock)
        start_ms = end_ms - LATELY_MS
        names = await self._lists.values(self._scope, NAME, (), start_ms, end_ms, LIST_MAX)
        metadata = await self._lists.metadata(self._scope, "", LIST_MAX, 1)
        rows = await self._reader.rows(
            """SELECT DISTINCT MetricName AS name FROM metric_histograms
            WHERE Project = {project:UInt32} AND Timestamp >= fromUnixTimestamp64Milli({start:Int64})""",
            {"project": self._scope.project, "start": start_ms},
        )
        kinds = {name: str(entries[0]["type"]) for name, entries in metadata.items() if entries}
        complete = bool(names) and len(names) < LIST_MAX
        return Sent(kinds, frozenset(names) if complete else None, frozenset(str(row["name"]) for row in rows))
