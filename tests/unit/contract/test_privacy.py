"""Which keys are private."""

import re

import pytest

from midwatch.contract.privacy import DEFAULT_DENYLIST, deny_pattern, denylist

PRIVATE = [
    "password",
    "Password",
    "user.password",
    "userPassword",
    "db_password",
    "PASSWORD",
    "STRIPE_API_KEY",
    "stripeApiKey",
    "apikey",
    "x-api-key",
    "http.request.header.authorization",
    "http.request.header.cookie",
    "http.response.header.set-cookie",
    "http.request.header.x_api_key",
    "accessToken",
    "refresh_token",
    "id_token",
    "cookie[0]",
    "cookies",
    "card.number",
    "cardNumber",
    "client_secret",
    "clientSecret",
    "private-key",
    "body['password']",
    "ssn",
]
HARMLESS = [
    "",
    "token_count",
    "gen_ai.usage.input_tokens",
    "max_tokens",
    "api_key_count",
    "sessionId",
    "session.id",
    "correlation_id",
    "x-trace-id",
    "author",
    "author.name",
    "compass",
    "http.route",
    "passwordless",
    "secretary",
    "tokenizer",
    "monkey",
    "stoken",
]


@pytest.mark.parametrize("key", PRIVATE)
def test_private_keys_are_found_however_their_words_are_joined(key: str) -> None:
    """A key that ends in an entry's words is private in snake, kebab, dotted, camel and upper case."""
    assert re.search(deny_pattern(), key)


@pytest.mark.parametrize("key", HARMLESS)
def test_keys_that_only_contain_the_letters_are_left_alone(key: str) -> None:
    """Ids that correlate, counts of tokens and longer words are not private."""
    assert not re.search(deny_pattern(), key)


def test_additions_and_exceptions_change_the_list() -> None:
    """`deny` adds an entry in every spelling, `keep` takes a default away, however either is written."""
    entries = denylist(deny=["Phone-Number"], keep=["OTP"])
    pattern = re.compile(deny_pattern(entries))
    assert "phone number" in entries
    assert "otp" not in entries
    assert pattern.search("user.phoneNumber")
    assert pattern.search("PHONE_NUMBER")
    assert not pattern.search("otp")


def test_every_default_finds_itself() -> None:
    """No entry of the default list is misspelt into never matching."""
    pattern = re.compile(deny_pattern())
    assert all(pattern.search(entry.replace(" ", "_")) for entry in DEFAULT_DENYLIST)


def test_an_empty_list_finds_nothing() -> None:
    """The pattern of no entries matches no key, not every key."""
    pattern = re.compile(deny_pattern(()))
    assert not any(pattern.search(key) for key in ["", "x", "xy", "password"])


@pytest.mark.parametrize("entry", ["", " ", "a*b", "a|b", "(", "a  b", "-a", "ä"])
def test_an_entry_that_is_no_words_is_refused(entry: str) -> None:
    """Nothing but words reaches the regular expression."""
    with pytest.raises(ValueError, match="expected words"):
        denylist(deny=[entry])
