"""What is private is found by its key and by what it looks like, wherever it stands."""

import json
import string
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from midwatch.contract.privacy import REMOVED
from midwatch.contract.redaction.values import Redactor

REDACTOR = Redactor()


def luhn(digits: str) -> str:
    """The digits with the check digit that makes them a card's number."""
    for check in string.digits:
        numbers = [int(one) for one in (digits + check)[::-1]]
        if (sum(numbers[0::2]) + sum(sum(divmod(2 * one, 10)) for one in numbers[1::2])) % 10 == 0:
            return digits + check
    raise AssertionError("there is always one")


WORDS = st.text(string.ascii_lowercase, min_size=3, max_size=12)
SECRETS = st.one_of(
    st.builds(lambda name, host: f"{name}@{host}.example", WORDS, WORDS),
    st.builds(
        lambda network, digits: luhn((network + digits)[:15]),
        st.sampled_from(["4", "51", "62", "6011", "2221", "35"]),
        st.text("0123456789", min_size=14, max_size=14),
    ),
    st.text("0123456789", min_size=7, max_size=11).map(lambda digits: f"+1{digits}"),
    st.text(string.ascii_letters + string.digits, min_size=16, max_size=30).map(lambda rest: f"sk_live_{rest}"),
    st.builds(lambda a, b, c: f"eyJ{a}abcd.{b}abcd.{c}", WORDS, WORDS, WORDS),
)
AROUND = st.sampled_from(["{}", "x {} y", "({})", "a={}", "{},", "'{}'", "say: {}!", "{}\n"])


def nest(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3), st.dictionaries(WORDS, inner, min_size=1, max_size=3)
        ),
        max_leaves=5,
    )


@given(st.data())
def test_no_secret_passes_wherever_it_stands(data: st.DataObject) -> None:
    """In texts, lists and maps, with anything around it."""
    secret = data.draw(SECRETS)
    value = data.draw(nest(AROUND.map(lambda frame: frame.format(secret))))
    assert secret not in json.dumps(REDACTOR.value("field", value))


@given(
    st.sampled_from(
        [
            "password",
            "api_key",
            "x-api-key",
            "accessToken",
            "Set-Cookie",
            "STRIPE_SECRET",
            "http.request.header.authorization",
        ]
    ),
    nest(st.one_of(st.text(min_size=1), st.integers(), st.booleans())),
)
def test_nothing_under_a_private_key_passes(key: str, value: Any) -> None:
    into: dict[str, Any] = {}
    REDACTOR.put(into, {key: value, "deep": {"list": [{key: value}]}})
    assert into == {key: REMOVED, "deep": {"list": [{key: REMOVED}]}}


class Customer:
    def __str__(self) -> str:
        return "ann@example.org"


def test_objects_and_names_of_maps_are_texts_too() -> None:
    """What an object would show of itself, and keys that are secrets."""
    value = {"who": Customer(), "by": {"ann@example.org": 1}, "at": date(2026, 11, 21)}
    assert REDACTOR.value("x", value) == {"who": "[email]", "by": {"[email]": 1}, "at": date(2026, 11, 21)}


def test_values_are_copied_and_never_changed() -> None:
    value = {"password": "p", "list": ["ann@example.org"]}
    REDACTOR.value("user", value)
    assert value == {"password": "p", "list": ["ann@example.org"]}
