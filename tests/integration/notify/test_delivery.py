"""How the outbox is delivered: in order, again after what passes, never again after what does not."""

import asyncio
import json
import time
from dataclasses import replace

import pytest
from tests.integration.notify.conftest import KEY, Office, alert, told
from tests.vendors import Scripted

from midwatch.server.model.actor import Actor, Role
from midwatch.server.model.errors import NotFound
from midwatch.server.model.notification import Integration, Reason
from midwatch.server.notify import loop
from midwatch.server.notify.kinds import KINDS
from midwatch.server.notify.loop import Pace
from midwatch.server.notify.sender import Setup
from midwatch.server.workspace.deliveries import ATTEMPTS_KEPT, Tried
from midwatch.server.workspace.outbox import State

ANA = Actor("user", "ana", "ana@example.com", Role.EDITOR)
WEBHOOK = {"webhook": {"url": "URL/webhook"}}


@pytest.mark.parametrize("status", [429, 500, 503, 408])
async def test_what_passes_is_tried_again(office: Office, status: int) -> None:
    """Each attempt is kept with what was answered, and is the same message."""
    office.vendors.scripts["/webhook"] += [Scripted(status, b"later")] * 2
    await office.configure(WEBHOOK)
    row, attempts = await office.send(told("webhook"))
    assert (row.state, row.attempts) == (State.DELIVERED, 3)
    assert [one.exchanges[0]["answer"]["status"] for one in attempts] == [status, status, 200]
    assert [one.verdict for one in attempts] == ["again", "again", "delivered"]
    assert len({(one.headers["webhook-id"], one.body) for one in office.vendors.seen}) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 302])
async def test_what_is_for_good_is_not_tried_again(office: Office, status: int) -> None:
    """One attempt, kept; and Midwatch tells that it cannot notify, until it can."""
    office.vendors.scripts["/webhook"].append(Scripted(status, b"gone for good"))
    await office.configure({"webhook": {"url": "URL/webhook", "http_config": {"follow_redirects": False}}})
    row, attempts = await office.send(told("webhook"))
    assert (row.state, row.attempts, len(attempts)) == (State.FAILED, 1, 1)
    assert f"answered {status}: gone for good" in row.error
    async with asyncio.timeout(10):
        while not office.told:
            await asyncio.sleep(0.02)
    (found,) = office.told
    assert found.labels == {
        "alertname": "MidwatchCannotNotify",
        "severity": "critical",
        "receiver": "oncall",
        "integration": "webhook[0]",
    }
    failing = {one.labels: one.value for one in office.notifier.measures() if one.name == "midwatch_notify_failing"}
    assert failing == {(("receiver", "oncall"), ("integration", "webhook[0]")): 1.0}


async def test_retry_after_is_kept_to(office: Office) -> None:
    """Nothing is sent to the receiver before, whatever is owed to it."""
    office.vendors.scripts["/webhook"].append(Scripted(429, b"", (("retry-after", "1"),)))
    await office.configure(WEBHOOK)
    ids = await office.put(told("webhook"), told("webhook", group="{}:{}"))
    for id_ in ids:
        await office.done(id_)
    first, *later = office.vendors.seen
    assert len(later) == 2
    assert min(one.at for one in later) - first.at >= 1.0


async def test_groups_do_not_wait_for_each_other_and_each_is_in_order(office: Office) -> None:
    """What cannot be delivered lets other groups pass; within a group nothing overtakes."""
    office.vendors.scripts["/webhook"].append(Scripted(500))
    await office.configure(WEBHOOK)
    ids = await office.put(
        told("webhook", group="{}:a", alerts=[alert("A1")]),
        told("webhook", group="{}:b", alerts=[alert("B1")]),
        told("webhook", Reason.DRILL, group="{}:a", alerts=[alert("A2")]),
    )
    for id_ in ids:
        await office.done(id_)
    names = [one.json["alerts"][0]["labels"]["alertname"] for one in office.vendors.seen]
    assert names[0] == "A1"
    assert sorted(names) == ["A1", "A1", "A2", "B1"]
    assert names.index("B1") < len(names) - 1
    assert [name for name in names if name.startswith("A")] == ["A1", "A1", "A2"]


async def test_the_newest_of_a_group_says_everything(office: Office) -> None:
    """What could not be delivered before the next was due is superseded by it, and kept as that."""
    office.vendors.scripts["/webhook"] += [Scripted(503)]
    await office.configure(WEBHOOK)
    (first,) = await office.put(told("webhook"))
    await office.when(first, lambda row: row.attempts == 1)
    (second,) = await office.put(told("webhook", Reason.ALL_RESOLVED))
    row, _ = await office.done(second)
    assert row.state == State.DELIVERED
    row, _ = await office.done(first)
    assert (row.state, row.attempts) == (State.SUPERSEDED, 1) or row.state == State.DELIVERED
    assert office.vendors.seen[-1].json["status"] == "resolved"


async def test_a_receiver_that_hangs_delays_nobody(office: Office) -> None:
    """Another integration is told at once while one is silent; the silent one is asked again."""
    office.vendors.scripts["/webhook"].append(Scripted(hang=30))
    await office.configure(
        {"webhook": {"url": "URL/webhook", "timeout": "1s"}, "ntfy": {"url": "URL/ntfy", "topic": "t"}}
    )
    slow, quick = await office.put(told("webhook"), told("ntfy"))
    began = time.monotonic()
    assert (await office.done(quick))[0].state == State.DELIVERED
    waiting, _ = await office.workspace.outbox.get(slow)
    assert waiting.state == State.PENDING
    row, attempts = await office.done(slow)
    assert time.monotonic() - began >= 1.0
    assert row.state == State.DELIVERED
    assert attempts[0].error == "no answer within 1 s"
    assert attempts[0].exchanges[0]["answer"] is None


async def test_nobody_at_the_other_end_is_no_reason_to_give_up(office: Office) -> None:
    """A connection that is refused is tried again; the error says what went wrong."""
    await office.configure({"webhook": {"url": "http://127.0.0.1:9/webhook"}})
    (id_,) = await office.put(told("webhook"))
    row, attempts = await office.when(id_, lambda row: row.attempts >= 3)
    assert row.state == State.PENDING
    assert "ConnectError" in attempts[0].error
    await office.configure(WEBHOOK)
    assert (await office.done(id_))[0].state == State.DELIVERED


async def test_what_is_undeliverable_for_a_day_is_given_up(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """And told of, since somebody was not told."""
    monkeypatch.setattr(loop, "GIVE_UP_SECONDS", 0.5)
    office.vendors.scripts["/webhook"] += [Scripted(503)] * 1000
    await office.configure(WEBHOOK)
    row, _ = await office.send(told("webhook"))
    assert row.state == State.FAILED
    assert row.error.startswith("given up after")


async def test_of_many_attempts_the_first_and_the_newest_are_kept(office: Office) -> None:
    """So many at most, however often it was tried."""
    (id_,) = await office.put(told("webhook"))
    waiting = await office.workspace.deliveries.next(told("webhook").integration)
    assert waiting is not None
    for _ in range(ATTEMPTS_KEPT + 5):
        await office.workspace.deliveries.record(waiting, Tried(1, 0.1, "again", [], "later", State.PENDING))
    row, attempts = await office.workspace.outbox.get(id_)
    assert row.attempts == ATTEMPTS_KEPT + 5
    assert [one.attempt for one in attempts] == [1, *range(7, ATTEMPTS_KEPT + 6)]


async def test_nothing_is_lost_while_its_receiver_is_not_configured(office: Office) -> None:
    """A plan that comes into force late, or again, finds what was owed."""
    (id_,) = await office.put(told("webhook"))
    await office.configure({"ntfy": {"url": "URL/ntfy", "topic": "t"}})
    await asyncio.sleep(0.3)
    assert (await office.workspace.outbox.get(id_))[0].state == State.PENDING
    await office.configure(WEBHOOK)
    assert (await office.done(id_))[0].state == State.DELIVERED


async def test_resolved_is_told_to_those_who_want_it(office: Office) -> None:
    """`send_resolved: false` drops it, without a request."""
    await office.configure({"webhook": {"url": "URL/webhook", "send_resolved": False}})
    row, _ = await office.send(told("webhook", Reason.ALL_RESOLVED))
    assert (row.state, office.vendors.seen) == (State.DROPPED, [])


async def test_a_template_that_fails_leaves_nobody_asleep(office: Office) -> None:
    """The message goes out in plain words, and what failed is told beside it."""
    await office.configure(
        {"ntfy": {"url": "URL/ntfy", "topic": "t", "title": "{{ .Nope.x }}", "message": "{{ template `none` . }}"}}
    )
    row, _ = await office.send(told("ntfy"))
    assert row.state == State.DELIVERED
    assert "line 1, column 4: can't evaluate field Nope" in row.error
    assert office.vendors.seen[0].json["title"] == "[FIRING 2] HighErrorRate <now> & soon"


async def test_templates_of_the_plan_are_used(office: Office) -> None:
    """Under their own names, and over ours."""
    title = '{{ define "ntfy.default.title" }}{{ template "mine" . }}{{ end }}'
    mine = '{{ define "mine" }}{{ .Status | title }}!{{ end }}'
    own = {"templates/a.tmpl": title, "templates/b.tmpl": mine}
    await office.configure({"ntfy": {"url": "URL/ntfy", "topic": "t"}}, templates=own)
    await office.send(told("ntfy"))
    assert office.vendors.seen[0].json["title"] == "Firing!"
    with pytest.raises(ValueError, match=r"templates/own\.tmpl: line 1, column 4: function 'x' not defined"):
        await office.configure(WEBHOOK, templates={"templates/own.tmpl": "{{ x }}"})
    await office.send(told("ntfy"))
    assert office.vendors.seen[1].json["title"] == "Firing!", "the plan before stays in force"


async def test_one_can_be_sent_again(office: Office) -> None:
    """As a notification of its own, that tells whose repetition it is."""
    await office.configure(WEBHOOK)
    (id_,) = await office.put(told("webhook"))
    await office.done(id_)
    again = await office.workspace.outbox.resend(ANA, id_)
    row, _ = await office.done(again)
    assert (row.state, row.resend_of) == (State.DELIVERED, id_)
    assert len(office.vendors.at("/webhook")) == 2
    assert [one.action for one in await office.workspace.audit_page(before_id=None, limit=5)] == ["notification.resend"]
    with pytest.raises(NotFound):
        await office.workspace.outbox.resend(ANA, "none")


async def test_a_recovery_hook_is_called_once_and_its_failure_is_a_page(office: Office) -> None:
    """Not for what is resolved or repeated, and not again when nobody knows what it did; the alert has the labels."""
    office.vendors.scripts["/webhook"] += [Scripted(hang=30)]
    config = {"url": "URL/webhook", "timeout": "1s", "recovery": True, "secret": "0123456789"}
    await office.configure({"webhook": config})
    row, _ = await office.send(told("webhook", alerts=[alert(team="shop")]))
    assert (row.state, row.attempts) == (State.FAILED, 1)
    async with asyncio.timeout(10):
        while not any(one.name == "MidwatchRecoveryFailed" for one in office.told):
            await asyncio.sleep(0.02)
    found = next(one for one in office.told if one.name == "MidwatchRecoveryFailed")
    assert found.labels == {
        "alertname": "MidwatchRecoveryFailed",
        "alert": "HighErrorRate",
        "severity": "critical",
        "team": "shop",
        "hook": "oncall/webhook[0]",
    }
    assert "did not answer: no answer within 1 s" in found.annotations["description"]
    for reason in (Reason.ALL_RESOLVED, Reason.REPEAT):
        assert (await office.send(told("webhook", reason)))[0].state == State.DROPPED
    assert len(office.vendors.at("/webhook")) == 1


async def test_secrets_come_from_files_that_may_change(office: Office) -> None:
    """Read for each request; one that cannot be read waits, and says which."""
    await office.configure({"pagerduty": {"routing_key_file": "key", "url": "URL/v2/enqueue"}})
    (id_,) = await office.put(told("pagerduty"))
    row, _ = await office.when(id_, lambda row: row.attempts >= 1)
    assert "key: cannot be read" in row.error
    (office.files / "key").write_text(KEY + "\n")
    row, attempts = await office.done(id_)
    assert row.state == State.DELIVERED
    assert office.vendors.seen[-1].json["routing_key"] == KEY
    assert KEY not in json.dumps([one.exchanges for one in attempts])


async def test_http_config_says_how_a_receiver_is_reached(office: Office) -> None:
    """Credentials and headers, of the entry and of `global`; none of them is kept."""
    own = {
        "basic_auth": {"username": "ana", "password": "secret-password"},
        "http_headers": {"x-team": {"values": ["shop"], "secrets": ["header-secret"]}},
    }
    await office.configure({"webhook": {"url": "URL/webhook", "http_config": own}})
    _, attempts = await office.send(told("webhook"))
    headers = office.vendors.seen[0].headers
    assert headers["authorization"] == "Basic YW5hOnNlY3JldC1wYXNzd29yZA=="
    assert headers["x-team"] == "shop, header-secret"
    everywhere = {"http_config": {"authorization": {"credentials": "global-secret"}}}
    await office.configure(WEBHOOK, everywhere)
    _, more = await office.send(told("webhook"))
    assert office.vendors.seen[1].headers["authorization"] == "Bearer global-secret"
    kept = json.dumps([one.exchanges for one in (*attempts, *more)])
    assert not [one for one in ("secret-password", "header-secret", "global-secret", "YW5h") if one in kept]


async def test_oauth_gets_a_token_first(office: Office) -> None:
    """By client credentials; the token serves until it expires."""
    token = json.dumps({"access_token": "oauth-access-token", "expires_in": 3600}).encode()
    office.vendors.scripts["/token"] = [Scripted(200, token)]
    oauth = {"client_id": "midwatch", "client_secret": "oauth-secret", "token_url": "URL/token", "scopes": ["alerts"]}
    await office.configure({"webhook": {"url": "URL/webhook", "http_config": {"oauth2": oauth}}})
    for _ in range(2):
        assert (await office.send(told("webhook")))[0].state == State.DELIVERED
    asked, first, second = office.vendors.seen
    assert asked.json == {"grant_type": "client_credentials", "scope": "alerts"}
    assert {one.headers["authorization"] for one in (first, second)} == {"Bearer oauth-access-token"}


async def test_lanes_are_by_integration(office: Office) -> None:
    """Two entries of one kind are two integrations: each is told, by its own address."""
    kinds = {
        Integration("oncall", "ntfy", index): KINDS["ntfy"].model_validate(
            {"url": f"{office.vendors.url}/ntfy", "topic": f"t{index}"}
        )
        for index in range(2)
    }
    await office.notifier.configure(Setup(kinds))
    ids = await office.put(*(replace(told("ntfy"), integration=one) for one in kinds))
    for id_ in ids:
        assert (await office.done(id_))[0].state == State.DELIVERED
    assert sorted(one.json["topic"] for one in office.vendors.seen) == ["t0", "t1"]


def test_waits_grow_and_end() -> None:
    """Twice as long each time, up to a bound; a receiver's own wish is kept to, also above it."""
    pace = Pace()
    assert [pace.retry(attempts, None) for attempts in (0, 1, 2, 7, 8, 1000)] == [2, 4, 8, 256, 300, 300]
    assert pace.retry(0, 1000.0) == 1000.0
    assert pace.retry(3, 1.0) == 16
