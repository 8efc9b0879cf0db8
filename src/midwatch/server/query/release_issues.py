"""What broke in which release: errors by the minute, and issues by where they were first seen."""

from collections.abc import Mapping, Sequence

from midwatch.server.query.releases import NewIssue, ReleaseEvents
from midwatch.server.query.source import Scope, Source
from midwatch.server.workspace.issues import Issues

RELEASES_MAX = 1000


class ReleaseIssues:
    """Implements `IssueCounts`."""

    def __init__(self, source: Source, issues: Issues) -> None:
        self._source, self._issues = source, issues

    async def events_by_release(self, scope: Scope) -> Mapping[str, ReleaseEvents]:
        """See `IssueCounts`. Times are those of their minutes."""
        rows = await self._source.rows(
            f"""SELECT toString(Release) AS release, toUInt64(sum(Count)) AS events,
                toUInt64(sumIf(Count, NOT Handled)) AS unhandled, uniqMerge(Users) AS users,
                toInt64(toUnixTimestamp(min(Minute))) AS first, toInt64(toUnixTimestamp(max(Minute))) AS last
            FROM error_volume WHERE {scope.where("Minute", nanos=False)} AND Release != ''
            GROUP BY release ORDER BY events DESC, release LIMIT {RELEASES_MAX}""",
            scope.params,
        )
        return {
            row["release"]: ReleaseEvents(
                events=int(row["events"]),
                unhandled=int(row["unhandled"]),
                users=int(row["users"]),
                first_ns=int(row["first"]) * 10**9,
                last_ns=int(row["last"]) * 10**9,
            )
            for row in rows
        }

    async def new_by_release(self, project: int, versions: Sequence[str]) -> Mapping[str, int]:
        """See `IssueCounts`."""
        return await self._issues.new_by_release(project, versions)

    async def new_in(self, project: int, version: str, *, limit: int) -> Sequence[NewIssue]:
        """See `IssueCounts`."""
        rows = await self._issues.new_in(project, version, limit=limit)
        return [NewIssue(str(row.id), row.title, row.level, row.status, row.first_ms * 10**6) for row in rows]
