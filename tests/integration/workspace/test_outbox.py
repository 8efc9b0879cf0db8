"""What alerting owes to receivers, on SQLite and PostgreSQL."""

from dataclasses import replace

import pytest

from midwatch.server.alerting.history import Event, Happening
from midwatch.server.alerting.state import event_row
from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.alert import Alert
from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.errors import BadRequest, Conflict, NotFound
from midwatch.server.model.notification import Integration, Notification, Reason
from midwatch.server.workspace.alerting import Changes
from midwatch.server.workspace.outbox import ALERTS_KEPT_MAX, KEPT_MS, LEFT_OUT, LastSent, State, notification_of
from midwatch.server.workspace.workspace import Workspace

pytestmark = pytest.mark.thorough

ANA = Actor("user", "ana", "ana@example.com", Role.EDITOR)
START = 1_700_000_000_000_000_000
DOWN = Alert(
    {"alertname": "Down", "service": "api"}, START, START + 60_000_000_000, {"summary": "api is down"}, "http://g"
)
SLOW = Alert({"alertname": "Slow"}, START, START)
ONCALL = Integration("oncall", "slack", 1)
FIRST = Notification(ONCALL, '{}:{alertname="Down"}', {"alertname": "Down"}, (DOWN,), (SLOW,), Reason.FIRST, START)


async def test_what_was_put_is_there_as_it_was(workspace: Workspace) -> None:
    """Labels, times and context come back as they went in, under an id, waiting."""
    told = replace(FIRST, context={"step": "2"})
    (made,) = await workspace.outbox.put([told])
    assert workspace.outbox.woken.is_set()
    row, attempts = await workspace.outbox.get(made)
    assert (row.state, row.firing, row.resolved, attempts) == (State.PENDING, 1, 1, [])
    assert notification_of(row) == told


async def test_the_last_of_a_group_and_integration_is_known(workspace: Workspace) -> None:
    """By group and integration: what another was told, or of another group, does not count."""
    later = replace(FIRST, firing=(), resolved=(DOWN,), reason=Reason.ALL_RESOLVED, at_ns=START + 1)
    await workspace.outbox.put([FIRST])
    assert await workspace.outbox.last(FIRST.group_key, ONCALL) == LastSent(
        START, frozenset({DOWN.fingerprint}), frozenset({SLOW.fingerprint})
    )
    await workspace.outbox.put([later])
    assert await workspace.outbox.last(FIRST.group_key, ONCALL) == LastSent(
        START + 1, frozenset(), frozenset({DOWN.fingerprint})
    )
    assert await workspace.outbox.last(FIRST.group_key, replace(ONCALL, index=0)) is None
    assert await workspace.outbox.last("{}:{}", ONCALL) is None


async def test_acknowledgements_and_drills_tell_nothing_of_a_group(workspace: Workspace) -> None:
    """They are delivered like all others, and what was told last stays what it was."""
    await workspace.outbox.put([FIRST])
    for reason in (Reason.ACKNOWLEDGED, Reason.DRILL):
        await workspace.outbox.put([replace(FIRST, firing=(), reason=reason, at_ns=START + 1)])
    last = await workspace.outbox.last(FIRST.group_key, ONCALL)
    assert last is not None
    assert (last.at_ns, last.firing) == (START, {DOWN.fingerprint})


async def test_pages_are_newest_first_and_filtered(workspace: Workspace) -> None:
    """Page after page, each notification once; by receiver, group and state."""
    other = replace(FIRST, integration=replace(ONCALL, receiver="team"), group_key="{}:{}")
    ids = await workspace.outbox.put([FIRST, other, FIRST])
    first = await workspace.outbox.page(limit=2)
    rest = await workspace.outbox.page(limit=2, before=first.rows[-1].id)
    assert [row.id for row in (*first.rows, *rest.rows)] == ids[::-1]
    assert (first.more, rest.more) == (True, False)
    assert [row.id for row in (await workspace.outbox.page(receiver="team")).rows] == [ids[1]]
    assert [row.id for row in (await workspace.outbox.page(group_key=FIRST.group_key)).rows] == [ids[2], ids[0]]
    assert (await workspace.outbox.page(state=State.FAILED)).rows == []
    with pytest.raises(BadRequest, match="before=x"):
        await workspace.outbox.page(before="x")


async def test_what_told_of_an_alert_is_found_by_its_groups(workspace: Workspace) -> None:
    """Also when it is over; not what its group was told of others, nor groups of other labels."""
    others = replace(FIRST, firing=(SLOW,), resolved=())
    elsewhere = replace(FIRST, group_key='{}:{service="web"}', group_labels={"service": "web"})
    mine, *_ = await workspace.outbox.put([FIRST, others, elsewhere])
    history = [Event(START, Happening.FIRING, "Down", fingerprint=DOWN.fingerprint, labels=DOWN.labels)]
    for one in (FIRST, elsewhere):
        labels = one.group_labels
        history.append(Event(START, Happening.NOTIFIED, "Down", group_key=one.group_key, labels=labels))
    await workspace.alerting.keep(Changes(events=[event_row(one) for one in history]))
    assert [row.id for row in (await workspace.outbox.page(fingerprint=DOWN.fingerprint)).rows] == [mine]
    assert (await workspace.outbox.page(fingerprint=SLOW.fingerprint)).rows == []


async def test_a_storm_is_kept_up_to_a_limit_and_counted_whole(workspace: Workspace) -> None:
    """One alert over the limit is left out of what is kept; counts and the log of what was told have it."""
    alerts = tuple(Alert({"alertname": "Down", "n": str(n)}, START, START) for n in range(ALERTS_KEPT_MAX + 1))
    (made,) = await workspace.outbox.put([replace(FIRST, firing=alerts)])
    row, _ = await workspace.outbox.get(made)
    found = notification_of(row)
    assert (len(found.firing), row.firing, found.context) == (ALERTS_KEPT_MAX, len(alerts), {LEFT_OUT: "1"})
    last = await workspace.outbox.last(FIRST.group_key, ONCALL)
    assert last is not None
    assert len(last.firing) == len(alerts)


async def test_one_that_waits_is_not_sent_again(workspace: Workspace) -> None:
    """It will be delivered anyway; one that is not kept cannot be found."""
    (made,) = await workspace.outbox.put([FIRST])
    with pytest.raises(Conflict, match="waits"):
        await workspace.outbox.resend(ANA, made)
    with pytest.raises(NotFound, match="400 days"):
        await workspace.outbox.resend(ANA, "none")


async def test_what_is_owed_is_never_forgotten(workspace: Workspace, clock: VirtualClock) -> None:
    """However old it is; what was told of a group is forgotten when nobody spoke of it for so long."""
    (made,) = await workspace.outbox.put([FIRST])
    clock.advance(KEPT_MS / 1000 + 1)
    await workspace.outbox.put([replace(FIRST, group_key="{}:{}", at_ns=clock.now_ns())])
    assert (await workspace.outbox.get(made))[0].state == State.PENDING
    assert await workspace.outbox.last(FIRST.group_key, ONCALL) is None
    assert await workspace.outbox.last("{}:{}", ONCALL) is not None
