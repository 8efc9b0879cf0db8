"""What people do about issues, with what follows from it."""

from collections.abc import Sequence
from typing import Any, Protocol

from midwatch.server.issues.telling import Telling
from midwatch.server.model.actor import Actor
from midwatch.server.model.clock import Clock, now_ms
from midwatch.server.workspace.issues import Change, Issues
from midwatch.server.workspace.models.issues import IssueLinkRow, IssueRow


class MakesIssues(Protocol):
    """Trackers of the plan."""

    @property
    def names(self) -> list[str]: ...

    async def make(self, tracker: str, issue: IssueRow) -> tuple[str, str]:
        """Address and title of what was made.

        Raises:
            NotFound: there is no such tracker.
            Unavailable: it does not answer, or refused; the message says why.
        """
        ...


class IssueDesk:
    def __init__(self, issues: Issues, telling: Telling, trackers: MakesIssues, clock: Clock) -> None:
        self.issues = issues
        self._telling, self._trackers, self._clock = telling, trackers, clock

    @property
    def trackers(self) -> list[str]:
        return self._trackers.names

    def until(self, seconds: int | None, count: int | None, users: int | None) -> dict[str, Any]:
        """Conditions as an issue keeps them."""
        at = None if seconds is None else now_ms(self._clock) + seconds * 1000
        found = {"time_ms": at, "count": count, "users": users}
        return {name: value for name, value in found.items() if value is not None}

    async def change(self, actor: Actor, issue_ids: Sequence[int], change: Change) -> list[IssueRow]:
        """What was told of an issue is over once somebody takes care of it. Raises NotFound."""
        rows = await self.issues.change(actor, issue_ids, change)
        if change.status in ("resolved", "ignored") or change.assignee:
            await self._telling.over(rows)
        return rows

    async def link(self, actor: Actor, issue_id: int, tracker: str, url: str, title: str) -> IssueLinkRow:
        """Raises NotFound, Unavailable."""
        if not url:
            url, title = await self._trackers.make(tracker, await self.issues.get(issue_id))
        return await self.issues.link(actor, issue_id, tracker, url, title)
