"""What rules keep in the workspace: alerts over a restart, their history, and what servers say to each other."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from midwatch.server.model.clock import WallClock
from midwatch.server.workspace.database import Database
from midwatch.server.workspace.rules import AlertChange, HistoryFilter, RuleAlerts
from midwatch.server.workspace.workspace import Workspace

CHANGE = AlertChange(
    at_ms=1000,
    rule_id="0" * 16,
    file="rules/a.yml",
    group="g",
    alert_name="Down",
    fingerprint="1" * 16,
    before="inactive",
    after="pending",
    value="NaN",
    labels={"alertname": "Down"},
    annotations={"summary": "s"},
    active_ms=1000,
    fired_ms=None,
)
FIRING = replace(CHANGE, at_ms=2000, before="pending", after="firing", fired_ms=2000, value="+Inf")
RESOLVED = replace(FIRING, at_ms=3000, before="firing", after="inactive")


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[RuleAlerts]:
    workspace = Workspace(Database(f"sqlite:///{tmp_path / 'workspace.db'}"), WallClock())
    await workspace.open()
    yield workspace.rule_alerts
    await workspace.close()


async def test_an_alert_is_kept_as_it_was_last(kept: RuleAlerts) -> None:
    """Pending, firing, resolved; one that was resolved is forgotten after its while, and its history is not."""
    await kept.keep([CHANGE], 0)
    await kept.keep([FIRING], 0)
    (row,) = await kept.all()
    assert (row.state, row.active_ms, row.fired_ms, row.resolved_ms, row.value) == ("firing", 1000, 2000, None, "+Inf")
    await kept.keep([RESOLVED], 2999)
    (row,) = await kept.all()
    assert (row.state, row.resolved_ms) == ("inactive", 3000)
    other = replace(CHANGE, fingerprint="2" * 16, at_ms=4000)
    await kept.keep([other], 3001)
    assert [row.fingerprint for row in await kept.all()] == ["2" * 16]
    assert len(await kept.page(HistoryFilter(), before_id=None, limit=10)) == 4


async def test_changes_of_one_transaction_leave_the_last(kept: RuleAlerts) -> None:
    """A rule that caught up with an hour writes them all at once; one that only was pending leaves nothing."""
    gone = replace(CHANGE, fingerprint="2" * 16)
    await kept.keep([CHANGE, FIRING, RESOLVED, gone, replace(gone, before="pending", after="inactive")], 0)
    assert [(row.fingerprint, row.state) for row in await kept.all()] == [("1" * 16, "inactive")]


async def test_history_is_found_by_what_it_tells(kept: RuleAlerts) -> None:
    """Newest first, in pages, by name, rule, label set, place, state and time."""
    await kept.keep([CHANGE, FIRING, RESOLVED], 0)
    for wanted, found in (
        (HistoryFilter(), [3000, 2000, 1000]),
        (HistoryFilter(alert_name="Down", after="firing"), [2000]),
        (HistoryFilter(rule_id="0" * 16, from_ms=2000), [3000, 2000]),
        (HistoryFilter(fingerprint="1" * 16, to_ms=2000), [1000]),
        (HistoryFilter(file="rules/a.yml", group="h"), []),
    ):
        assert [row.at_ms for row in await kept.page(wanted, before_id=None, limit=10)] == found
    first = await kept.page(HistoryFilter(), before_id=None, limit=2)
    rest = await kept.page(HistoryFilter(), before_id=first[-1].id, limit=2)
    assert [row.at_ms for row in (*first, *rest)] == [3000, 2000, 1000]


async def test_servers_say_what_of_theirs_is_visible(kept: RuleAlerts) -> None:
    """The least of the others that spoke of late counts; one's own word and old ones do not."""
    assert await kept.visible_of_others("a", 0) is None
    await kept.put_visible("a", 5, 100)
    await kept.put_visible("b", 7, 100)
    await kept.put_visible("c", 6, 50)
    assert await kept.visible_of_others("a", 0) == 6
    assert await kept.visible_of_others("a", 60) == 7
    await kept.put_visible("b", 9, 120)
    assert await kept.visible_of_others("a", 60) == 9
    assert await kept.evaluated_ms() is None
    await kept.put_evaluated(4)
    await kept.put_evaluated(5)
    assert await kept.evaluated_ms() == 5
