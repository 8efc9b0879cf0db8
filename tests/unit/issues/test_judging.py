"""The way of one event: filters, sampling, floods, repeats, and the same failure told twice."""

import json
from typing import Any

import pytest
from tests.unit.issues.events import RECEIVED_NS, exception, frame, sent

from midwatch.server.issues.digest import judging
from midwatch.server.issues.digest.digested import Digested, Sender
from midwatch.server.issues.digest.judging import Arrival, Judge
from midwatch.server.issues.digest.memory import Memory
from midwatch.server.issues.digest.rows import PAYLOAD_BYTES_MAX
from midwatch.server.issues.events.normal import normal_event
from midwatch.server.issues.rules import ErrorRules, Filters, FingerprintRule, Limits, SeverityRule

SENDER = Sender(1, "key", "")


class Desk:
    """One process's digest, with what it made."""

    def __init__(self, rules: ErrorRules | None = None) -> None:
        self.memory, self.rules, self.into, self.number = Memory(), rules or ErrorRules(), Digested(), 0
        self.judge = Judge(self.memory, self.rules, self.into)

    def take(self, source: str = "sentry", at_s: float = 0, **more: Any) -> str:
        self.number += 1
        event = sent(**({"event_id": f"{self.number:032x}"} | more))
        received = RECEIVED_NS + int(at_s * 1e9)
        event.setdefault("timestamp", received / 1e9)
        normal = normal_event(event, received, "")
        return self.judge.take(normal, Arrival(SENDER, received, "shop-key", source))

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(row) for row in self.judge.lines[SENDER].rows]

    @property
    def dropped(self) -> dict[str, int]:
        return self.judge.lines[SENDER].dropped


def of_trace(trace: str = "a" * 32) -> dict[str, Any]:
    return {"contexts": {"trace": {"trace_id": trace, "span_id": "b" * 16}}}


def test_one_failure_told_by_three_is_counted_once() -> None:
    """The Sentry SDK, a span event and a log record of one trace: one event and two duplicates of its group."""
    desk = Desk()
    outcomes = [
        desk.take("span", 0.0, **of_trace(), exception={"values": [exception("app.Bad", frames=[])]}),
        desk.take("sentry", 0.5, **of_trace(), exception={"values": [exception("Bad")]}),
        desk.take("log", 1.0, **of_trace(), exception={"values": [exception("Bad", frames=[])]}),
    ]
    assert outcomes == ["kept", "duplicate", "duplicate"]
    assert len({row["hash"] for row in desk.rows}) == 1
    assert [row["duplicate"] for row in desk.rows] == [False, True, True]
    assert sum(group.count for group in desk.into.groups.values()) == 1


def test_what_is_like_it_and_is_not_it_counts() -> None:
    desk = Desk()
    assert desk.take("sentry", 0, **of_trace()) == "kept"
    assert desk.take("sentry", 1, **of_trace()) == "kept", "an SDK tells once of each failure"
    assert desk.take("span", 2, **of_trace("c" * 32)) == "kept", "another trace"
    assert desk.take("span", 3, **of_trace(), exception={"values": [exception("KeyError")]}) == "kept", "another type"
    assert desk.take("log", 90, **of_trace()) == "kept", "too long after"


def test_an_exception_that_passes_through_spans_is_one() -> None:
    desk = Desk()
    outcomes = [desk.take("span", at / 100, **of_trace()) for at in range(4)]
    assert outcomes == ["kept", "duplicate", "duplicate", "duplicate"]


def test_an_id_that_came_before_is_a_retry() -> None:
    desk = Desk()
    assert desk.take(event_id="e" * 32) == "kept"
    assert desk.take(event_id="e" * 32) == "repeated"
    assert desk.dropped == {"repeated": 1}


def test_a_flood_is_counted_and_its_load_is_not_kept() -> None:
    desk = Desk(ErrorRules(limits=Limits(issue_per_minute=3, key_per_minute=100, spike_per_minute=8)))
    outcomes = [desk.take(at_s=number / 100, user={"id": "7"}) for number in range(10)]
    assert outcomes == ["kept"] * 8 + ["spike_protection"] * 2
    assert [bool(row["payload"]) for row in desk.rows] == [True] * 3 + [False] * 5
    assert {row["user"] for row in desk.rows} == {"id:7"}, "who it happened to is counted all the same"
    assert desk.rows[-1]["adjustments"] == ["error_counted_only"]
    assert desk.take(at_s=61) == "kept"
    assert desk.rows[-1]["payload"], "the next minute begins anew"


@pytest.mark.parametrize(
    ("filters", "more", "outcome"),
    [
        (
            Filters(),
            {"request": {"headers": {"User-Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}}},
            "filtered_crawler",
        ),
        (
            Filters(),
            {
                "platform": "javascript",
                "exception": {"values": [exception(frames=[frame(path="chrome-extension://abc/x.js")])]},
            },
            "filtered_browser_extension",
        ),
        (Filters(localhost=True), {"request": {"url": "http://localhost:3000/x"}}, "filtered_localhost"),
        (Filters(), {"request": {"url": "http://localhost:3000/x"}}, "kept"),
        (Filters(releases=("shop@0.*",)), {"release": "shop@0.9"}, "filtered_release"),
        (Filters(messages=("ValueError: ba*",)), {}, "filtered_message"),
        (Filters(ignore=((("tags.tenant", "test"),),)), {"tags": {"tenant": "test"}}, "filtered_by_rule"),
        (Filters(ignore=((("tags.tenant", "test"), ("level", "fatal")),)), {"tags": {"tenant": "test"}}, "kept"),
    ],
)
def test_what_is_nobodys_is_not_kept_and_counted(filters: Filters, more: dict[str, Any], outcome: str) -> None:
    desk = Desk(ErrorRules(filters=filters))
    assert desk.take(**more) == outcome
    assert desk.dropped == ({} if outcome == "kept" else {outcome: 1})


def test_sampling_keeps_a_share_that_stands_for_all() -> None:
    desk = Desk(ErrorRules(sampling={"info": 0.25}))
    outcomes = [desk.take(at_s=number, level="info") for number in range(400)]
    kept = outcomes.count("kept")
    assert 60 < kept < 140
    assert sum(row["weight"] for row in desk.rows) == kept * 4
    assert desk.take(level="error") == "kept"


def test_severity_and_category_by_rule() -> None:
    rules = ErrorRules(severities=(SeverityRule((("tags.tenant", "vip"),), "critical"),))
    desk = Desk(rules)
    desk.take(tags={"tenant": "vip", "status_code": "402"})
    desk.take(level="fatal", exception={"values": [exception("TimeoutError")]})
    desk.take(level="debug", tags={"error.category": "sms_inbound"})
    found = [(row["severity"], row["category"]) for row in desk.rows]
    assert found == [("critical", "payment"), ("critical", "timeout"), ("info", "sms_inbound")]


def test_private_values_are_gone_from_every_part() -> None:
    """Keys of the denylist, and card numbers, tokens and passwords of addresses in any text."""
    desk = Desk()
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlMTIz"
    secret = "hunter2-canary"
    desk.take(
        exception={
            "values": [exception(value="card 4111 1111 1111 1111", frames=[frame(vars={"password": secret, "n": "1"})])]
        },
        request={
            "url": f"https://u:{secret}@h/x?token={secret}&page=2",
            "headers": {"Authorization": f"Bearer {secret}", "Accept": "x"},
            "cookies": {"sid": secret},
            "data": {"api_key": secret, "inner": {"client_secret": secret}},
            "query_string": f"api_key={secret}&page=2",
        },
        extra={"note": f"jwt {token}", "iban": "DE89370400440532013000"},
        breadcrumbs=[{"message": f"GET https://h/?access_token={secret}", "data": {"auth": secret}}],
        tags={"session_token": secret},
        user={"id": "7", "password": secret},
    )
    text = json.dumps(desk.rows)
    assert secret not in text
    assert "4111 1111" not in text
    assert token not in text
    assert "page=2" in text
    assert '\\"n\\": \\"1\\"' in text or '\\"n\\":\\"1\\"' in text


def test_a_payload_that_is_too_large_loses_what_helps_least() -> None:
    frames = [frame(f"f{number}", vars={f"v{one}": "x" * 900 for one in range(40)}) for number in range(50)]
    desk = Desk()
    desk.take(exception={"values": [exception(frames=frames)]})
    payload = desk.rows[0]["payload"]
    assert len(payload) <= PAYLOAD_BYTES_MAX
    assert "f49" in payload
    assert json.loads(payload)["errors"] == [{"type": "too_large", "name": "vars"}]


def test_titles_of_rules_and_floods_hold_nothing_private() -> None:
    """What a rule makes of a message, and the columns of an event that is only counted, are cleaned as the rest is."""
    card = "4111 1111 1111 1111"
    rule = FingerprintRule((("error.type", "ValueError"),), ("cards",), "Card: {{ value }}")
    desk = Desk(ErrorRules(fingerprints=(rule,), limits=Limits(issue_per_minute=1)))
    for _ in range(3):
        desk.take(
            exception={"values": [exception(value=f"card {card}")]},
            request={"url": "https://ada:hunter2-canary@shop.example/pay"},
            user={"id": "7"},
        )
    text = json.dumps(desk.rows) + repr(desk.into.groups)
    assert [bool(row["payload"]) for row in desk.rows] == [True, False, False]
    assert card not in text
    assert "hunter2-canary" not in text
    assert {row["user"] for row in desk.rows} == {"id:7"}
    assert {row["title"] for row in desk.rows} == {"Card: card [card]"}


def test_an_event_that_could_not_be_digested_may_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead letter that is tried again is no repeated event."""
    desk = Desk()

    def broken(*_: object) -> None:
        raise RuntimeError("a bug of ours")

    with monkeypatch.context() as patched:
        patched.setattr(judging, "grouping_of", broken)
        with pytest.raises(RuntimeError):
            desk.take(event_id="e" * 32)
    assert desk.take(event_id="e" * 32) == "kept"
    assert desk.take(event_id="e" * 32) == "repeated"
