"""What is done with a field by its key: each action, on each kind of value, and the limits of what is looked at."""

import time
from collections.abc import Mapping
from typing import Any

import pytest

from midwatch.contract.privacy import REMOVED
from midwatch.contract.privacy_actions import Action
from midwatch.contract.privacy_hashing import HashKeys
from midwatch.contract.privacy_rules import FieldRule, PrivacyPolicy
from midwatch.contract.redaction.said import LEFT_OUT
from midwatch.contract.redaction.texts import CUT
from midwatch.contract.redaction.values import DEPTH_MAX, ITEMS_MAX, WORK_MAX, Redactor

KEYS = HashKeys.of("k1:3f8a1c5e7b9d2046f1e3a5c7d9b80214")
NUMBER = "k1:de3706045688fc3a5e695068ec86372c"
ANN = "k1:e8387e417e61dd3fd8458b57fe5be379"


def ruled(action: str, *, field: str = "it", keys: HashKeys | None = KEYS) -> Redactor:
    return Redactor(PrivacyPolicy(rules=(FieldRule(field, Action.of(action)),), keys=keys, region="US"))


@pytest.mark.parametrize(
    ("action", "value", "left"),
    [
        ("drop", "x", LEFT_OUT),
        ("remove", {"a": 1}, REMOVED),
        ("remove", None, None),
        ("hash", "Ann Müller", ANN),
        ("hash", "Ann Müller".encode(), ANN),
        ("hash", ["Ann Müller", {"a": "Ann Müller"}], [ANN, {"a": ANN}]),
        ("hash", True, True),
        ("phone_hash", "(415) 555-2671", NUMBER),
        ("phone_hash", 4155552671, NUMBER),
        ("phone_hash", "nobody", REMOVED),
        ("mask", "DE89 3704", "**** ****"),
        ("last 4", "DE89 3704 0044", "***0044"),
        ("last 4", "1234", REMOVED),
        ("truncate 5", "a long text", "a lon…"),
        ("truncate 5", "short", "short"),
        ("truncate 12", "pay 4111 1111 1111 1111 now", "pay [card] n…"),
        ("scrub", "4111 1111 1111 1111", "[card]"),
        ("keep", "ann@example.org", "ann@example.org"),
        ("keep", {"password": "x"}, {"password": "x"}),
    ],
)
def test_each_action(action: str, value: Any, left: Any) -> None:
    assert ruled(action).value("it", value) == left
    assert ruled(action).value("user.it", value) == left


@pytest.mark.parametrize("action", ["hash", "phone_hash"])
def test_without_a_key_nothing_is_hashed(action: str) -> None:
    assert ruled(action, keys=None).value("it", "+1 415 555 2671") == REMOVED


def test_a_rule_holds_in_texts_as_it_does_for_fields() -> None:
    """Behind `name=` and in JSON; what would be left out is removed, for the text stays."""
    assert ruled("hash").text("GET /a?it=Ann%20M%C3%BCller&b=1") == f"GET /a?it={ANN}&b=1"
    assert ruled("drop").text("it=secret b=1") == f"it={REMOVED} b=1"
    assert ruled("drop").text('{"it": "secret", "b": 1}') == '{"b":1}'
    assert ruled("last 4", field="user.it").text('{"user": {"it": "DE89370400"}}') == '{"user":{"it":"***0400"}}'


def test_what_is_left_out_is_in_no_map() -> None:
    into: dict[str, Any] = {}
    ruled("drop").put(into, {"it": 1, "a": {"it": 2, "b": [{"it": 3}]}})
    assert into == {"a": {"b": [{}]}}


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"body": "hi", "sms_body": b"hi"}, {"body": REMOVED, "sms_body": REMOVED}),
        ({"prompt": [{"b": 1}], "n": 1}, {"prompt": REMOVED, "n": 1}),
        ({"completion": 0.75, "messages": 3, "has_body": True}, {"completion": 0.75, "messages": 3, "has_body": True}),
        ({"message": {"text": "hi", "id": 7}}, {"message": {"text": REMOVED, "id": 7}}),
        ({"messages": [{"role": "user", "content": "hi"}]}, {"messages": REMOVED}),
        ({"choices": [{"message": {"content": "hi"}}]}, {"choices": [{"message": {"content": REMOVED}}]}),
        ({"message": "order taken", "text": "order taken"}, {"message": "order taken", "text": "order taken"}),
        ({"phone": "0151 23456789", "mobile": 4155552671}, {"phone": "[phone]", "mobile": "[phone]"}),
        ({"phone": "iPhone 15", "phones": 2}, {"phone": "iPhone 15", "phones": 2}),
        ({"phone": {"type": "work", "number": "020 79460958"}}, {"phone": {"type": "work", "number": "[phone]"}}),
        ({"db.statement": "SELECT 1 FROM t WHERE a = 'Ann'"}, {"db.statement": "SELECT ? FROM t WHERE a = ?"}),
        ({"db.query.parameter.name": "Ann"}, {"db.query.parameter.name": REMOVED}),
        ({"h": [(b"authorization", b"q1w2"), ("a", "b")]}, {"h": [[b"authorization", REMOVED], ["a", "b"]]}),
        ({"headers": [{"name": "Cookie", "value": "a=b"}]}, {"headers": [{"name": "Cookie", "value": REMOVED}]}),
        ({"raw": b"to ann@example.org", "bin": b"\xff\x00"}, {"raw": b"to [email]", "bin": b"\xff\x00"}),
        ({"raw": "ann@example.org".encode("utf-16")}, {"raw": "\ufffd\ufffd[email]".encode()}),
        ({"ann@example.org": 1}, {"[email]": 1}),
        ({"payload": '{"password": "q1w2", "n": 1}'}, {"payload": '{"password":"[removed]","n":1}'}),
    ],
)  # fmt: skip
def test_what_holds_without_a_plan(fields: Mapping[str, Any], left: Mapping[str, Any]) -> None:
    into: dict[str, Any] = {}
    Redactor().put(into, fields)
    assert into == left


def test_a_rule_of_one_signal_leaves_the_others_alone() -> None:
    policy = PrivacyPolicy(rules=(FieldRule("note", Action("drop"), signals=("traces",), services=("api",)),))
    assert Redactor(policy, signal="traces", service="api").value("note", "x") is LEFT_OUT
    assert Redactor(policy, signal="logs", service="api").value("note", "x") == "x"
    assert Redactor(policy, signal="traces", service="mail").value("note", "x") == "x"


def test_values_are_looked_at_to_a_depth_and_no_deeper() -> None:
    def nested(depth: int) -> Any:
        value: Any = "x"
        for _ in range(depth):
            value = [value]
        return value

    assert Redactor().value("a", nested(DEPTH_MAX)) == nested(DEPTH_MAX)
    assert CUT in str(Redactor().value("a", nested(DEPTH_MAX + 1)))


def test_lists_and_maps_are_as_long_as_the_limit_and_no_longer() -> None:
    assert len(Redactor().value("a", list(range(ITEMS_MAX + 1)))) == ITEMS_MAX
    assert len(Redactor().value("a", {str(n): n for n in range(ITEMS_MAX + 1)})) == ITEMS_MAX


def test_what_unfolds_without_end_does_not() -> None:
    """A list of lists of lists is looked at so far, and it takes no time to tell."""
    value: Any = ["ann@example.org"] * 3000
    for _ in range(7):
        value = [value] * 3000
    started = time.process_time()
    shown = str(Redactor().value("a", value))
    assert "ann" not in shown
    assert 0 < shown.count("[email]") <= WORK_MAX
    assert time.process_time() - started < 2


def test_no_half_of_a_secret_is_left_where_a_text_is_cut() -> None:
    """Also where what comes before it becomes shorter, and it would move forward into sight."""
    addresses = "a-long-name@example.org " * 20
    secret = "AKIAIOSFODNN7EXAMPLE"
    for before in range(440, 481):
        shown = Redactor().cut(addresses[:before] + secret + "x" * 500, 240)
        assert "AKIA" not in shown
    assert Redactor().cut("x" * 240, 240) == "x" * 240
    assert Redactor().cut("x" * 1000, 240) == "x" * 240
