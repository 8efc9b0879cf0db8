"""The desk over a real workspace: what was taken in survives its process, and other servers see it."""

import asyncio
import json

import pytest
from tests.unit.alerting.kinds import configured

from midwatch.contract.plan.sections.on_call import OnCall
from midwatch.server.alerting.acts import AlertActs
from midwatch.server.alerting.config.model import compiled
from midwatch.server.alerting.desk import AlertDesk
from midwatch.server.alerting.marks import MarkKind
from midwatch.server.alerting.oncall.telling import OnCallTell
from midwatch.server.alerting.silences import Silence
from midwatch.server.alerting.view import firing, marks_of
from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.alert import Alert
from midwatch.server.model.clock import VirtualClock
from midwatch.server.model.errors import BadRequest, NotFound, Unavailable
from midwatch.server.model.notification import Notification
from midwatch.server.protocols.alertmanager.matchers import read_matchers
from midwatch.server.workspace.outbox import State
from midwatch.server.workspace.workspace import Workspace

ADA = Actor(kind="user", id="1", name="Ada", role=Role.EDITOR)
TEAM = configured(
    "route: {receiver: team, group_by: [alertname], group_wait: 30s, group_interval: 5m}\n"
    "receivers: [{name: team, webhook_configs: [{url: 'http://example.org'}]}]\n"
)
HOUR_NS = 3600 * 10**9
DOWN = {"alertname": "Down", "instance": "a"}


async def desk_on(workspace: Workspace, clock: VirtualClock) -> AlertDesk:
    """One of a process of its own; it dispatches when it steps."""
    desk = AlertDesk(workspace.alerting, workspace.outbox, clock)
    desk.configure(TEAM)
    return desk


def alert(clock: VirtualClock, hours: float = 24, **labels: str) -> Alert:
    return Alert(labels or DOWN, clock.now_ns(), clock.now_ns() + int(hours * HOUR_NS), {"summary": "é"}, "http://x")


def silence(clock: VirtualClock, matchers: str, hours: float = 1, id_: str = "") -> Silence:
    made = tuple(compiled(one) for one in read_matchers(matchers))
    return Silence(made, clock.now_ns(), clock.now_ns() + int(hours * HOUR_NS), "ada", "because", id_)


async def told(workspace: Workspace) -> list[tuple[str, int, int]]:
    """Reason, firing and resolved of every notification, oldest first."""
    page = await workspace.outbox.page()
    return [(row.reason, row.firing, row.resolved) for row in reversed(page.rows)]


async def happened(workspace: Workspace, **chosen: str) -> list[str]:
    rows = await workspace.alerting.events(**chosen)  # type: ignore[arg-type]
    return [row.kind for row in reversed(rows)]


async def test_what_was_taken_in_survives_its_process(workspace: Workspace, clock: VirtualClock) -> None:
    """An alert, its group's time, a silence and an acknowledgement; and nobody is told twice for it."""
    first = await desk_on(workspace, clock)
    await first.step()
    await first.put([alert(clock), alert(clock, alertname="Slow")])
    acts = AlertActs(first, clock)
    await acts.put_silence(ADA, silence(clock, "alertname=Slow", 2))
    clock.advance(20)

    second = await desk_on(workspace, clock)  # the first one was killed
    await second.step()
    assert await told(workspace) == []
    clock.advance(10)
    await second.step()
    assert await told(workspace) == [("first_notification", 1, 0)]
    await AlertActs(second, clock).mark(
        ADA, MarkKind.ACKNOWLEDGED, fingerprint=alert(clock).fingerprint, comment="mine"
    )

    third = await desk_on(workspace, clock)
    await third.step()
    clock.advance(300)
    await third.step()
    found = await third.current()
    views = {view.alert.name: view for view in await firing(found, clock.now_ns())}
    assert views["Down"].alert.annotations == {"summary": "é"}
    assert len(views["Slow"].silenced_by) == 1
    mark = marks_of(found, alert(clock).fingerprint)[MarkKind.ACKNOWLEDGED]
    assert (mark.by, mark.comment) == ("Ada", "mine")
    assert [reason for reason, _, _ in await told(workspace)] == ["first_notification", "acknowledged"]


async def test_a_process_that_dies_after_the_outbox_has_it_tells_nobody_twice(
    workspace: Workspace, clock: VirtualClock
) -> None:
    """Killed between the notification and what it would have remembered of it."""
    first = await desk_on(workspace, clock)
    await first.step()
    await first.put([alert(clock)])
    clock.advance(30)
    await (await first.current()).step(clock.now_ns())  # and nothing is kept after it
    assert len(await told(workspace)) == 1

    second = await desk_on(workspace, clock)
    await second.step()
    assert len(await told(workspace)) == 1
    await second.put([alert(clock, hours=0)])
    clock.advance(300)
    await second.step()
    assert [reason for reason, _, _ in await told(workspace)] == ["first_notification", "all_alerts_resolved"]


class Failing:
    """An outbox that answers when it is told to."""

    def __init__(self, workspace: Workspace) -> None:
        self.answers = False
        self._outbox = workspace.outbox
        self.lasts = workspace.outbox.lasts

    async def put(self, notifications: list[Notification]) -> None:
        if not self.answers:
            raise Unavailable("no answer")
        await self._outbox.put(notifications)


async def test_what_could_not_be_handed_on_is_due_again(workspace: Workspace, clock: VirtualClock) -> None:
    """At once, and not an interval later."""
    outbox = Failing(workspace)
    desk = AlertDesk(workspace.alerting, outbox, clock)
    desk.configure(TEAM)
    await desk.step()
    await desk.put([alert(clock)])
    clock.advance(30)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await desk.step()
    outbox.answers = True
    clock.advance(1)
    await desk.step()
    assert await told(workspace) == [("first_notification", 1, 0)]


async def test_a_time_in_which_nobody_listened_resolves_nothing(workspace: Workspace, clock: VirtualClock) -> None:
    """Alerts whose end came while no server ran get time to be told of again."""
    first = await desk_on(workspace, clock)
    await first.step()
    await first.put([alert(clock, hours=0.1)])
    clock.advance(30)
    await first.step()
    clock.advance(7200)
    second = await desk_on(workspace, clock)
    await second.step()
    assert [reason for reason, _, _ in await told(workspace)] == ["first_notification"]
    clock.advance(301)
    await second.step()
    clock.advance(300)
    await second.step()
    assert [reason for reason, _, _ in await told(workspace)] == ["first_notification", "all_alerts_resolved"]


async def test_servers_that_do_not_dispatch_take_in_and_show_all_the_same(
    workspace: Workspace, clock: VirtualClock
) -> None:
    """By the workspace's mail: alerts, silences, marks, and what is taken back."""
    leader, other = await desk_on(workspace, clock), await desk_on(workspace, clock)
    acts = AlertActs(other, clock)
    await leader.step()
    await other.put([alert(clock), alert(clock, alertname="Slow")])
    await leader.step()
    clock.advance(3)
    assert {view.alert.name for view in await firing(await other.current(), clock.now_ns())} == {"Down", "Slow"}
    id_ = await acts.put_silence(ADA, silence(clock, "alertname=Slow"))
    mark = await acts.mark(ADA, MarkKind.ASSIGNED, fingerprint=alert(clock).fingerprint, assignee="Bob")
    await leader.step()
    found = await leader.current()
    assert found.silences.get(id_).comment == "because"
    assert found.marks.get(mark.id) == mark
    await acts.unmark(ADA, mark.id)
    await acts.expire_silence(ADA, id_)
    await leader.step()
    assert found.marks.all() == []
    assert found.silences.get(id_).ends_at_ns == clock.now_ns()
    assert await workspace.alerting.mail() == []


async def test_silences_change_in_place_or_go_on_as_new_ones(workspace: Workspace, clock: VirtualClock) -> None:
    """An end may be moved; other matchers end the old one, so that what was hidden when stays known."""
    desk = await desk_on(workspace, clock)
    acts = AlertActs(desk, clock)
    await desk.step()
    first = await acts.put_silence(ADA, silence(clock, "a=b", 1))
    assert await acts.put_silence(ADA, silence(clock, "a=b", 2, first)) == first
    clock.advance(60)
    second = await acts.put_silence(ADA, silence(clock, "a=c", 2, first))
    assert second != first
    assert (await acts.silence(first)).ends_at_ns == clock.now_ns()
    with pytest.raises(NotFound):
        await acts.put_silence(ADA, silence(clock, "a=c", 1, "nobody's"))
    with pytest.raises(BadRequest, match="not match the empty"):
        await acts.put_silence(ADA, silence(clock, 'a=~".*"', 1))
    with pytest.raises(BadRequest, match="before end"):
        await acts.put_silence(ADA, silence(clock, "a=c", 0))
    actions = [row.action for row in await workspace.audit_page(before_id=None, limit=10)]
    assert actions == ["silence.change", "silence.change", "silence.create"]


async def test_a_silence_can_be_looked_at_before_it_is_made(workspace: Workspace, clock: VirtualClock) -> None:
    """The alerts that fire and that it would hide."""
    desk = await desk_on(workspace, clock)
    await desk.step()
    await desk.put([alert(clock), alert(clock, alertname="Slow"), alert(clock, hours=0, alertname="Over")])
    hidden = await AlertActs(desk, clock).hidden_by(silence(clock, 'alertname=~"Slow|Over|None"'))
    assert [one.name for one in hidden] == ["Slow"]


async def test_a_whole_group_is_marked_as_it_fires_now(workspace: Workspace, clock: VirtualClock) -> None:
    """An alert that joins later is not acknowledged; who keeps a state of their own is told when all are."""
    desk = await desk_on(workspace, clock)
    acts = AlertActs(desk, clock)
    await desk.step()
    await desk.put([alert(clock), alert(clock, alertname="Down", instance="b")])
    clock.advance(30)
    await desk.step()
    key = '{}:{alertname="Down"}'
    mark = await acts.mark(ADA, MarkKind.ACKNOWLEDGED, group_key=key)
    assert len(mark.fingerprints) == 2
    await desk.put([alert(clock, alertname="Down", instance="c")])
    clock.advance(300)
    await desk.step()
    reasons = [reason for reason, _, _ in await told(workspace)]
    assert reasons == ["first_notification", "acknowledged", "new_alerts_in_group"]
    with pytest.raises(NotFound):
        await acts.mark(ADA, MarkKind.ACKNOWLEDGED, group_key="{}:{}")
    with pytest.raises(BadRequest):
        await acts.mark(ADA, MarkKind.SNOOZED, group_key=key)


async def test_history_tells_every_change_for_ever(workspace: Workspace, clock: VirtualClock) -> None:
    """Of one alert, of one rule, newest first and in pages."""
    desk = await desk_on(workspace, clock)
    acts = AlertActs(desk, clock)
    await desk.step()
    await desk.put([alert(clock)])
    clock.advance(30)
    await desk.step()
    await acts.mark(ADA, MarkKind.ACKNOWLEDGED, fingerprint=alert(clock).fingerprint, comment="mine")
    await acts.put_silence(ADA, silence(clock, "alertname=Down", 0.2))
    clock.advance(300)
    await desk.step()
    clock.advance(600)
    await desk.put([alert(clock, hours=0)])
    clock.advance(300)
    await desk.step()
    whole = ["firing", "notified", "acknowledged", "silenced", "resolved", "notified"]
    assert await happened(workspace, rule="Down") == whole
    assert await happened(workspace, fingerprint=alert(clock).fingerprint) == [
        one for one in whole if one != "notified"
    ]
    rows = await workspace.alerting.events(limit=2)
    rest = await workspace.alerting.events(before=(rows[-1].at_ns, rows[-1].id), limit=100)
    assert [row.kind for row in (*rows, *rest)] == whole[::-1]


async def test_the_loop_does_what_is_due_and_survives_a_database_that_is_away(
    workspace: Workspace, clock: VirtualClock
) -> None:
    """It goes on when the outbox answers again, and what came in through mail is dispatched."""
    outbox = Failing(workspace)
    desk = AlertDesk(workspace.alerting, outbox, clock)
    at_once = "route: {receiver: team, group_wait: 0s}\nreceivers: [{name: team, webhook_configs: [{url: 'http://x'}]}]"
    desk.configure(configured(at_once))
    running = asyncio.create_task(desk.run())
    await desk.put([alert(clock)])
    await asyncio.sleep(1.5)
    outbox.answers = True
    async with asyncio.timeout(20):
        while not await told(workspace):
            await asyncio.sleep(0.1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await told(workspace) == [("first_notification", 1, 0)]
    assert (await workspace.outbox.counts())[State.PENDING] == 1


async def test_who_an_escalation_has_reached_hears_of_an_acknowledgement(
    workspace: Workspace, clock: VirtualClock
) -> None:
    """PagerDuty of a person keeps a state of its own; of those whom it would have reached later nobody is told."""
    person = {"starts": "2026-01-05 09:00"}
    plan = OnCall.model_validate_json(
        json.dumps(
            {
                "people": {name: {"name": name, "receiver": name} for name in ("ana", "bo")},
                "schedules": {"primary": {"layers": [{"people": ["ana"], **person}]}},
                "escalations": {"page": {"steps": [{"schedules": ["primary"]}, {"after": "10m", "people": ["bo"]}]}},
            }
        )
    )
    desk = AlertDesk(workspace.alerting, workspace.outbox, clock, tell=OnCallTell(plan))
    phones = ", ".join(f"{{name: {one}, webhook_configs: [{{url: 'http://example.org'}}]}}" for one in ("ana", "bo"))
    desk.configure(
        configured(
            "route: {receiver: team, group_by: [alertname], group_wait: 30s}\n"
            f"receivers: [{{name: team, escalation_configs: [{{policy: page}}]}}, {phones}]\n"
        )
    )
    await desk.step()
    down = alert(clock)
    await desk.put([down])
    clock.advance(30)
    await desk.step()
    await AlertActs(desk, clock).mark(ADA, MarkKind.ACKNOWLEDGED, fingerprint=down.fingerprint)
    page = await workspace.outbox.page()
    assert [(row.receiver, row.reason) for row in reversed(page.rows)][:1] == [("ana", "first_notification")]
    assert ("ana", "acknowledged") in [(row.receiver, row.reason) for row in page.rows]
    assert "bo" not in [row.receiver for row in page.rows]
