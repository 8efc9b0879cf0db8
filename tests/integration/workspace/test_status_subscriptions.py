"""Who follows the status page by mail and what they are owed, in SQLite and in PostgreSQL alike."""

from collections.abc import Callable

import pytest

from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.clock import VirtualClock, now_ms
from midwatch.server.model.errors import Conflict, NotFound, RateLimited
from midwatch.server.workspace import status_mails, status_subscriptions
from midwatch.server.workspace.outbox import State
from midwatch.server.workspace.status_mails import OwedMail
from midwatch.server.workspace.status_page import Said
from midwatch.server.workspace.workspace import Workspace

ACTOR = Actor("user", "u", "somebody", Role.EDITOR)
DAY, HOUR = 86_400, 3_600


async def owed(workspace: Workspace) -> OwedMail:
    found = await workspace.status_mails.next()
    assert found is not None
    return found


async def sent(workspace: Workspace) -> list[tuple[str, int, bool]]:
    """All that is due, taken: whom it is to, how many updates it tells, and whether it says that something begins."""
    found = []
    while (mail := await workspace.status_mails.next()) is not None:
        found.append((mail.address, mail.updates, mail.begins))
        await workspace.status_mails.record(mail.number, State.DELIVERED)
    return found


async def subscribed(workspace: Workspace, address: str, *components: str, client: str = "198.51.100.1") -> None:
    assert await workspace.status_subscriptions.ask(address, components, client)
    mail = await owed(workspace)
    assert (mail.address, mail.notice) == (address, None)
    await workspace.status_mails.record(mail.number, State.DELIVERED)
    await workspace.status_subscriptions.confirm(mail.link_id)


def said(status: str = "investigating", *components: str, **fields: int) -> Said:
    return Said("We look.", status, "It fails", "major", list(components), **fields)


async def test_a_confirmation_holds_for_a_day(workspace: Workspace, clock: VirtualClock) -> None:
    """Then its link is too old and the address is gone; the mail that was not sent by then is not sent any more."""
    ledger = workspace.status_subscriptions
    await ledger.ask("ana@example.com", [], "198.51.100.1")
    link = (await owed(workspace)).link_id
    clock.advance(DAY - 1)
    row = await ledger.asked(link)
    assert row is not None
    assert (row.address, row.confirmed) == ("ana@example.com", False)
    clock.advance(2)
    assert await ledger.asked(link) is None
    with pytest.raises(NotFound, match="too old"):
        await ledger.confirm(link)
    assert await workspace.status_mails.next() is None
    await workspace.status_mails.tidy(give_up_ms=DAY * 1000)
    assert (await ledger.listed())[1] == 0
    await subscribed(workspace, "ana@example.com", "Web")
    await subscribed(workspace, "ana@example.com", "Phone")
    rows, count = await ledger.listed(containing="ANA@")
    assert (count, [one.components for one in rows]) == (1, [["Phone"]])
    assert (await ledger.listed(containing="%"))[1] == 0


async def test_limits_of_asking(workspace: Workspace, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a mailbox silently, of a network and of all by a refusal; each is over with time."""
    ask = workspace.status_subscriptions.ask
    asked = [await ask(f"ana+{number}@example.com", [], f"198.51.100.{number}") for number in range(4)]
    assert asked == [True, True, True, False]
    assert await ask("ANA@example.com", [], "198.51.100.9") is False
    for number in range(10):
        await ask(f"b{number}@example.com", [], "2001:db8::1")
    with pytest.raises(RateLimited, match="your network"):
        await ask("c@example.com", [], "2001:db8::ffff")
    await ask("c@example.com", [], "2001:db8:1::1")
    clock.advance(HOUR + 1)
    assert await ask("d@example.com", [], "2001:db8::1")
    monkeypatch.setattr(status_subscriptions, "ASKED_MAX", 15)
    with pytest.raises(RateLimited, match="today"):
        await ask("e@example.com", [], "203.0.113.1")
    clock.advance(DAY)
    assert await ask("ana@example.com", [], "198.51.100.1")


async def test_no_more_subscribers_than_may_be(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """One over the limit is refused when it asks, and when it confirms late; one that is there may choose anew."""
    monkeypatch.setattr(status_subscriptions, "SUBSCRIBERS_MAX", 1)
    ledger = workspace.status_subscriptions
    await ledger.ask("late@example.com", [], "198.51.100.1")
    late = await owed(workspace)
    await workspace.status_mails.record(late.number, State.DELIVERED)
    await ledger.ask("ana@example.com", ["Web"], "198.51.100.1")
    again = await owed(workspace)
    await workspace.status_mails.record(again.number, State.DELIVERED)
    await subscribed(workspace, "ana@example.com")
    with pytest.raises(Conflict, match="as many subscribers"):
        await ledger.ask("new@example.com", [], "198.51.100.1")
    with pytest.raises(Conflict, match="as many subscribers"):
        await ledger.confirm(late.link_id)
    await ledger.confirm(again.link_id)
    assert [one.components for one in (await ledger.listed())[0]] == [["Web"]]


async def test_who_is_told_of_what(workspace: Workspace, clock: VirtualClock) -> None:
    """Those whom a notice concerns, in the order in which it was told; whoever heard of it hears of its end; what is
    removed, or whose reader is gone, is not sent."""
    await subscribed(workspace, "all@example.com")
    await subscribed(workspace, "phone@example.com", "Phone")
    page = workspace.status_page
    one = await page.add(ACTOR, "incident", said("investigating", "Phone"), tell=True)
    await page.say(ACTOR, one.id, said("resolved", "Web"), tell=True)
    assert await sent(workspace) == [
        ("all@example.com", 1, False),
        ("phone@example.com", 1, False),
        ("all@example.com", 2, False),
        ("phone@example.com", 2, False),
    ]
    await page.add(ACTOR, "incident", said("investigating", "Web"), tell=True)
    await page.add(ACTOR, "incident", said(), tell=False)
    assert await sent(workspace) == [("all@example.com", 1, False)]
    await page.add(ACTOR, "incident", said(), tell=True)
    await workspace.status_subscriptions.end((await workspace.status_subscriptions.listed())[0][0].id)
    assert await sent(workspace) == [("phone@example.com", 1, False)]
    gone = await page.add(ACTOR, "incident", said(), tell=True)
    # Somebody waits for a confirmation: it goes before all others.
    await subscribed(workspace, "phone@example.com")
    await page.remove(ACTOR, gone.id)
    assert await sent(workspace) == []
    figures = await workspace.status_mails.figures()
    assert (figures.subscribers, figures.all.delivered, figures.by_notice[one.id].delivered) == (1, 6, 4)
    clock.advance(91 * DAY)
    await workspace.status_mails.tidy(give_up_ms=DAY * 1000)
    assert (await workspace.status_mails.figures()).all.delivered == 0


async def test_maintenance_begins_by_the_clock(workspace: Workspace, clock: VirtualClock) -> None:
    """Once, where nobody has said a word by then; again where it was put off; not where it begins at once."""
    await subscribed(workspace, "ana@example.com")
    page, mails, hour = workspace.status_page, workspace.status_mails, HOUR * 1000
    planned = await page.add(ACTOR, "maintenance", said("scheduled", starts_ms=now_ms(clock) + hour), tell=True)
    spoken = await page.add(ACTOR, "maintenance", said("scheduled", starts_ms=now_ms(clock) + hour), tell=True)
    await page.add(ACTOR, "maintenance", said("scheduled"), tell=True)
    await mails.begin_maintenance(tell=True)
    assert [updates for _, updates, _ in await sent(workspace)] == [1, 1, 1]
    clock.advance(HOUR - 1)
    await page.say(ACTOR, planned.id, said("scheduled", starts_ms=now_ms(clock) + 2 * hour), tell=True)
    await page.say(ACTOR, spoken.id, said("in_progress"), tell=True)
    clock.advance(2)
    await mails.begin_maintenance(tell=True)
    assert [(updates, begins) for _, updates, begins in await sent(workspace)] == [(2, False), (2, False)]
    clock.advance(2 * HOUR)
    for _ in range(2):
        await mails.begin_maintenance(tell=True)
    assert await sent(workspace) == [("ana@example.com", 2, True)]


async def test_what_cannot_be_delivered(workspace: Workspace, clock: VirtualClock) -> None:
    """It waits for its time while others are sent; a newer one about the same tells all of it, and goes out instead;
    after a day it is given up. What nobody takes three times is an address that nobody reads."""
    await subscribed(workspace, "ana@example.com")
    await subscribed(workspace, "bob@example.com")
    page, mails = workspace.status_page, workspace.status_mails
    one = await page.add(ACTOR, "incident", said(), tell=True)
    first = await owed(workspace)
    await mails.record(first.number, State.PENDING, error="greylisted", next_ms=now_ms(clock) + 60_000)
    other = "bob@example.com" if first.address == "ana@example.com" else "ana@example.com"
    assert await sent(workspace) == [(other, 1, False)]
    figures = await mails.figures()
    assert (figures.error, figures.all.waiting, figures.waiting_since_ms) == ("greylisted", 1, now_ms(clock))
    await page.say(ACTOR, one.id, said("resolved"), tell=True)
    assert await sent(workspace) == [(other, 2, False)]
    clock.advance(61)
    assert await sent(workspace) == [(first.address, 2, False)]
    await page.add(ACTOR, "incident", said(), tell=True)
    clock.advance(DAY + 1)
    await mails.tidy(give_up_ms=DAY * 1000)
    assert await sent(workspace) == []
    assert (await mails.figures()).all.failed == 2
    for _ in range(status_mails.REFUSALS_MAX):
        await page.add(ACTOR, "incident", said(), tell=True)
        while (mail := await mails.next()) is not None:
            mine: Callable[[str], bool] = "ana@example.com".__eq__
            await mails.record(mail.number, State.FAILED if mine(mail.address) else State.DELIVERED)
    assert [row.address for row in (await workspace.status_subscriptions.listed())[0]] == ["bob@example.com"]
