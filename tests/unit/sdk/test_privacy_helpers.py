"""What apps tell of people instead of their numbers, and labels of metrics."""

from collections.abc import Iterator

import pytest

import midwatch
from midwatch.contract.privacy_actions import Action
from midwatch.contract.privacy_hashing import HashKeys
from midwatch.contract.privacy_rules import FieldRule, PrivacyPolicy
from midwatch.sdk.problems import PROBLEMS
from midwatch.sdk.redaction_signals import label_of, put_in_force, sent_label

SECRET = "3f8a1c5e7b9d2046f1e3a5c7d9b80214"
NUMBER = "k1:de3706045688fc3a5e695068ec86372c"


@pytest.fixture(autouse=True)
def afterwards() -> Iterator[None]:
    yield
    put_in_force(PrivacyPolicy(), "")


def test_a_number_has_its_hash_under_the_key_in_force_and_under_an_older_one() -> None:
    put_in_force(PrivacyPolicy(keys=HashKeys.of(f"k2:{'n' * 32},k1:{SECRET}"), region="US"), "api")
    assert midwatch.phone_hash("(415) 555-2671").startswith("k2:")
    assert midwatch.phone_hash("(415) 555-2671", key_id="k1") == NUMBER
    assert midwatch.keyed_hash("Ann Müller", key_id="k1") == "k1:e8387e417e61dd3fd8458b57fe5be379"
    assert midwatch.phone_hash("nobody") == ""


def test_without_a_key_there_is_no_hash_and_no_error() -> None:
    """Also for a key that is not known, and for what is no text; each is counted."""
    assert (midwatch.phone_hash("+14155552671"), midwatch.keyed_hash("x"), midwatch.last2("+14155552671")) == (
        "",
        "",
        "71",
    )
    assert PROBLEMS.counts()["hashes", "no_key"] >= 2
    put_in_force(PrivacyPolicy(keys=HashKeys.of(f"k1:{SECRET}")), "api")
    assert midwatch.phone_hash("+14155552671", key_id="k0") == ""
    assert midwatch.phone_hash(None) == ""  # type: ignore[arg-type]
    assert PROBLEMS.counts()["hashes", "unknown_key"] >= 1


def test_rules_that_ask_for_hashes_without_a_key_are_told(capfd: pytest.CaptureFixture[str]) -> None:
    put_in_force(PrivacyPolicy(rules=(FieldRule("a", Action("hash")),)), "api")
    assert "set MIDWATCH_PRIVACY_KEY" in capfd.readouterr().err


def test_a_label_is_treated_once() -> None:
    """When its series is made; where it is sent, only what was made before `init` is still looked at."""
    put_in_force(PrivacyPolicy(rules=(FieldRule("iban", Action("last", 4)), FieldRule("note", Action("drop")))), "api")
    assert (label_of("iban", "DE89370400440532013000"), label_of("note", "x")) == ("***3000", "")
    assert sent_label("iban", "***3000") == "***3000"
    assert (sent_label("to", "ann@example.org"), sent_label("password", "x"), sent_label("note", "")) == (
        "[email]",
        "[removed]",
        "",
    )
    assert label_of("half", "\ud800") == "?"
