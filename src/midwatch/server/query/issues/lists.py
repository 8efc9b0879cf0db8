"""Issues as a list: how they stand is in the workspace, how often they were seen in the store."""

from dataclasses import dataclass, replace
from typing import Literal

from midwatch.server.query.issues.groups import Merged
from midwatch.server.query.issues.volume import IssueVolume, Narrowed, Seen
from midwatch.server.query.source import Scope
from midwatch.server.workspace.issues import ISSUES_MAX, Issues, Wanted
from midwatch.server.workspace.models.issues import IssueRow

Sort = Literal["last_seen", "first_seen", "events", "users", "priority"]
_PRIORITY = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class Listed:
    issue: IssueRow
    seen: Seen
    trend: list[float]


@dataclass(frozen=True, slots=True)
class IssueList:
    issues: list[Listed]
    total: int
    partial: bool
    """More than `ISSUES_MAX` issues fit: those last seen latest were looked at."""


class IssueLists:
    def __init__(self, issues: Issues, volume: IssueVolume) -> None:
        self._issues, self._volume = issues, volume

    async def page(
        self, scope: Scope, wanted: Wanted, narrowed: Narrowed, *, sort: Sort, offset: int, limit: int
    ) -> IssueList:
        """Issues with events in the scope."""
        start_ms, end_ms = scope.span.start_ns // 1_000_000, -(-scope.span.end_ns // 1_000_000)
        rows = await self._issues.wanted(replace(wanted, since_ms=start_ms, until_ms=end_ms))
        merged = Merged(await self._issues.merged_groups(wanted.project))
        seen = await self._volume.by_issue(scope, merged, narrowed) if rows else {}
        some = [row for row in rows if row.primary_hash in seen]
        some.sort(key=lambda row: _key(row, seen[row.primary_hash], sort))
        shown = some[offset : offset + limit]
        trends = await self._volume.trends(scope, merged, narrowed, [row.primary_hash for row in shown])
        return IssueList(
            [Listed(row, seen[row.primary_hash], trends[row.primary_hash]) for row in shown],
            len(some),
            len(rows) >= ISSUES_MAX,
        )


def _key(row: IssueRow, seen: Seen, sort: Sort) -> tuple[float, ...]:
    """The smallest is shown first; the same order whenever it is asked."""
    order: dict[Sort, tuple[float, ...]] = {
        "last_seen": (-row.last_ms,),
        "first_seen": (-row.first_ms,),
        "events": (-seen.events, -row.last_ms),
        "users": (-seen.users, -seen.events),
        "priority": (_PRIORITY.get(row.priority, 3), -seen.events),
    }
    return (*order[sort], -row.id)
