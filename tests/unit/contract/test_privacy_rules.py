"""Which rule or list holds for a field, and what its action leaves of a value."""

import re
import time

import pytest

from midwatch.contract import privacy_actions as actions
from midwatch.contract.privacy_actions import COUNT_MAX, Action
from midwatch.contract.privacy_rules import FIELD_CHARACTERS_MAX, PATH_CHARACTERS_MAX, FieldRule, PrivacyPolicy


def held_by(path: str, *rules: FieldRule, signal: str = "logs", service: str = "api") -> str | None:
    found = PrivacyPolicy(rules=rules).judge(signal=signal, service=service).action(path)
    return found and found.name


@pytest.mark.parametrize(
    ("field", "fits", "others"),
    [
        (
            "phone",
            ["phone", "user.phone", "a.b.PHONE", "users[3].phone", "users.0.phone"],
            ["phone_id", "xphone", "phone.x"],
        ),
        ("user.phone", ["user.phone", "x.user.phone", "user[0].phone"], ["user_phone", "phone", "xuser.phone"]),
        ("user.*", ["user.a", "user.anything_else"], ["user", "user.a.b"]),
        ("*_id", ["user_id", "a.b_id"], ["id", "user_id.x"]),
        ("a.**.z", ["a.b.z", "a.b.c.z"], ["a.z", "b.z"]),
        ("a.**", ["a.b", "a.b.c"], ["a"]),
        ("x-api.[v]", ["x-api.[v]"], ["x-api.v"]),
    ],
)
def test_a_field_stands_for_every_path_that_ends_in_it(field: str, fits: list[str], others: list[str]) -> None:
    """At a boundary of keys, in any case of letters; what is no wildcard means itself."""
    rule = FieldRule(field, Action(actions.MASK))
    assert {path: held_by(path, rule) for path in fits} == dict.fromkeys(fits, "mask")
    assert {path: held_by(path, rule) == "mask" for path in others} == dict.fromkeys(others, False)


@pytest.mark.parametrize(
    "field", ["", ".", "a.", ".a", "a..b", "a b", "***", "*.*.*.*", "x" * (FIELD_CHARACTERS_MAX + 1)]
)
def test_what_is_no_field_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match=re.escape("expected keys joined by dots")):
        FieldRule(field, Action(actions.MASK))


def test_the_first_rule_holds_and_rules_hold_over_lists() -> None:
    rules = FieldRule("user.password", Action(actions.HASH)), FieldRule("password", Action(actions.KEEP))
    assert held_by("user.password", *rules) == "hash"
    assert held_by("db.password", *rules) == "keep"
    assert held_by("db.passwd", *rules) == "remove"


def test_a_rule_holds_for_its_signals_and_services() -> None:
    rule = FieldRule("note", Action(actions.DROP), signals=("traces",), services=("api", "worker"))
    assert held_by("note", rule, signal="traces", service="worker") == "drop"
    assert held_by("note", rule, signal="logs") is None
    assert held_by("note", rule, signal="traces", service="mail") is None


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("body", "remove message"),
        ("sms_body", "remove message"),
        ("http.request.body", "remove message"),
        ("messageBody", "remove message"),
        ("message.text", "remove message"),
        ("messages[2].content", "remove message"),
        ("gen_ai.prompt.0.content", "remove message"),
        ("gen_ai.input.messages", "remove message"),
        ("prompt", "remove message"),
        ("completion", "remove message"),
        ("http.request.body.size", None),
        ("message", None),
        ("text", None),
        ("content", None),
        ("somebody", None),
        ("prompt_tokens", None),
        ("exception.message", None),
        ("user.phoneNumber", "phone"),
        ("phone_hash", None),
        ("db.statement", "shape"),
        ("db.query.text", "shape"),
        ("db.query.parameter.user.name", "remove"),
        ("card.number", "remove"),
        ("api.key", "remove"),
        ("gen_ai.usage.input_tokens", None),
    ],
)
def test_what_holds_without_a_plan(path: str, action: str | None) -> None:
    assert held_by(path) == action


def test_of_a_long_path_the_end_counts() -> None:
    """Whoever makes keys cannot make us slow, nor hide a key behind its length."""
    rule = FieldRule("a*a*a*.z", Action(actions.DROP))
    started = time.process_time()
    assert held_by("a" * 1_000_000 + ".password") == "remove"
    assert held_by("a" * 1_000_000, rule) is None
    assert held_by("x" * (PATH_CHARACTERS_MAX - 2) + ".a") is None
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("drop", Action("drop")),
        (" hash ", Action("hash")),
        ("last 4", Action("last", 4)),
        (f"truncate {COUNT_MAX['truncate']}", Action("truncate", 10_000)),
    ],
)
def test_actions_are_read(text: str, action: Action) -> None:
    assert Action.of(text) == action


@pytest.mark.parametrize(
    "text", ["", "remove message", "phone", "shape", "last", "last 0", "last 9", "truncate 10001", "hash 2", "LAST 4"]
)
def test_what_is_no_action_is_refused(text: str) -> None:
    """One above each limit, too."""
    with pytest.raises(ValueError, match="expected drop, remove, hash"):
        Action.of(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("DE89 3704", "**** ****"), ("ann@x.org", "***@*.***"), ("Änne ß", "**** *"), ("नमस्ते", "******"), ("", "")],
)
def test_a_mask_hides_all_letters_and_digits(text: str, shown: str) -> None:
    assert actions.masked(text) == shown
    assert len(actions.masked("x" * 1000)) == actions.MASK_MAX


@pytest.mark.parametrize(
    ("text", "count", "shown"),
    [("DE89 3704 0044", 4, "***0044"), ("12 34 5", 2, "***45"), ("1234", 2, "[removed]"), ("", 4, "[removed]")],
)
def test_the_last_letters_are_never_half_of_it(text: str, count: int, shown: str) -> None:
    assert actions.last(text, count) == shown
