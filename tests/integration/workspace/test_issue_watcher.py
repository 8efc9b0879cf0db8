"""What time makes of issues, with counts that a test makes up: they spike, calm down, and are no longer ignored."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from midwatch.server.issues.watcher import IssueWatcher
from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.error_group import ErrorGroup
from midwatch.server.workspace.issue_ledger import IssueLedger
from midwatch.server.workspace.issues import Change, Issues, Wanted
from midwatch.server.workspace.models.issues import IssueRow
from midwatch.server.workspace.workspace import Workspace

ACTOR = Actor("user", "u", "ada@example.com", Role.EDITOR)
DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Spike:
    project: int
    hash: str
    events: float
    usual: float


@dataclass
class MadeUp:
    """Implements `Counts` (server/issues/watcher.py)."""

    spikes: list[Spike] = field(default_factory=list)
    events: float = 0.0
    users: int = 0
    asked: list[tuple[int, tuple[str, ...], int]] = field(default_factory=list)

    async def now(self, now_s: int) -> Sequence[Spike]:
        return self.spikes

    async def since(self, project: int, hashes: Sequence[str], since_ms: int) -> tuple[float, int]:
        self.asked.append((project, tuple(hashes), since_ms))
        return self.events, self.users


class Watch:
    def __init__(self, workspace: Workspace, clock: VirtualClock) -> None:
        self.clock, self.counts, self.news = clock, MadeUp(), 0
        self.ledger, self.issues = IssueLedger(workspace.database, clock), Issues(workspace.database, clock)
        self.watcher = IssueWatcher(self.issues, self.counts, clock, on_news=self._on_news)

    def _on_news(self) -> None:
        self.news += 1

    async def comes(self, name: str, project: int = 1) -> int:
        """The id of an issue that has a group of this name; what is told of new ones is told."""
        now = self.clock.now_ns()
        group = ErrorGroup(
            project,
            name,
            2,
            (),
            *(f"{name}: x", "app in pay", name, "x", "error", "error", "other", "python", "shop", "prod"),
            *(False, "e" * 32, now, now, "shop@1", "shop@1"),
        )
        await self.ledger.note([group])
        await self.owed()
        return (await self.issues.of_groups(project, [name]))[name].id

    async def owed(self) -> list[tuple[int, str, dict[str, object]]]:
        found = await self.ledger.owed(limit=100)
        await self.ledger.paid([one.activity_id for one in found])
        return [(one.issue.id, one.kind, dict(one.data)) for one in found]

    async def look(self, *spikes: Spike) -> None:
        self.counts.spikes = list(spikes)
        await self.watcher.look()

    async def standing(self, issue_id: int) -> tuple[str, str]:
        row: IssueRow = await self.issues.get(issue_id)
        return row.status, row.substatus


@pytest.fixture
def watch(workspace: Workspace, clock: VirtualClock) -> Watch:
    return Watch(workspace, clock)


async def test_a_spike_is_told_once_until_it_is_over(watch: Watch) -> None:
    """An issue's groups count together; another project's group of the same name is none of it."""
    issue, other, same = await watch.comes("a"), await watch.comes("b"), await watch.comes("a", project=2)
    await watch.issues.merge(ACTOR, issue, [await watch.comes("c")])
    spikes = (Spike(1, "a", 60, 2.04), Spike(1, "c", 40, 1.0), Spike(1, "gone", 99, 1))
    for _ in range(2):
        await watch.look(*spikes)
    assert await watch.owed() == [(issue, "escalating", {"events": 100, "usual": 3.0})]
    assert watch.news == 1
    assert await watch.standing(issue) == ("unresolved", "escalating")
    for one in (other, same):
        assert await watch.standing(one) == ("unresolved", "new")
    await watch.look()
    assert await watch.standing(issue) == ("unresolved", "ongoing")
    await watch.look(Spike(1, "a", 70, 2))
    assert await watch.owed() == [(issue, "escalating", {"events": 70, "usual": 2})]


async def test_what_is_resolved_or_ignored_does_not_spike(watch: Watch) -> None:
    issue = await watch.comes("a")
    for status in ("resolved", "ignored"):
        await watch.issues.change(ACTOR, [issue], Change(status=status))
        await watch.look(Spike(1, "a", 60, 2))
        assert (await watch.standing(issue))[0] == status
    assert (await watch.owed(), watch.news) == ([], 0)


async def test_a_new_issue_that_nobody_touched_is_an_old_one_after_a_week(watch: Watch) -> None:
    issue = await watch.comes("a")
    watch.clock.advance(7 * DAY_SECONDS - 1)
    await watch.look()
    assert await watch.standing(issue) == ("unresolved", "new")
    watch.clock.advance(2)
    await watch.look()
    assert await watch.standing(issue) == ("unresolved", "ongoing")


@pytest.mark.parametrize("what", ["count", "users"])
async def test_an_ignored_issue_is_open_again_when_its_condition_is_true(watch: Watch, what: str) -> None:
    """Counted from when it was ignored, over all of its groups."""
    issue = await watch.comes("a")
    watch.clock.advance(60)
    await watch.issues.change(ACTOR, [issue], Change(status="ignored", ignored_until={what: 10}))
    watch.counts.events, watch.counts.users = 9.0, 9
    await watch.look()
    assert (await watch.standing(issue))[0] == "ignored"
    assert watch.counts.asked == [(1, ("a",), watch.clock.now_ns() // 10**6)]
    watch.counts.events, watch.counts.users = (10.0, 1) if what == "count" else (1.0, 10)
    await watch.look()
    assert await watch.standing(issue) == ("unresolved", "ongoing")
    (last, *_) = await watch.issues.activity(issue)
    assert (last.kind, last.data["because"]) == ("unignored", what)
    assert (await watch.issues.wanted(Wanted(1)))[0].ignored_until == {}
