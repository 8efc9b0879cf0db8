"""What is private in a text is replaced by what it is; what is harmless stays as it is."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midwatch.contract.privacy_actions import Action
from midwatch.contract.privacy_hashing import HashKeys
from midwatch.contract.privacy_rules import FieldRule, PrivacyPolicy
from midwatch.contract.redaction.patterns import is_suspicious, may_hold_key
from midwatch.contract.redaction.texts import BEYOND_CHARACTERS, CUT, TEXT_CHARACTERS_MAX
from midwatch.contract.redaction.values import Redactor

REDACTOR = Redactor()
SECRET = "3f8a1c5e7b9d2046f1e3a5c7d9b80214"
KEYED = Redactor(PrivacyPolicy(keys=HashKeys.of(f"k1:{SECRET}"), region="US"))

FOUND = [
    ("ann@example.org wrote", "[email] wrote"),
    ("?email=ann@example.org&b=1", "?email=[email]&b=1"),
    ("https://x.org/?email=ann%40example.org&b=2", "https://x.org/?email=[email]&b=2"),
    ("bounces+ann=example.org@mail.example", "[email]"),
    ("änn@exämple.org", "[email]"),
    ("ａｎｎ＠ｅｘａｍｐｌｅ．ｏｒｇ", "[email]"),
    ("ann@exa\u200bmple.org", "[email]"),
    ("o'brien@example.org", "[email]"),
    ("'ann@example.org'", "'[email]'"),
    ("4111 1111 1111 1111", "[card]"),
    ("4111-1111-1111-1111", "[card]"),
    ("4111.1111.1111.1111", "[card]"),
    ("card_4111111111111111", "card_[card]"),
    ("４１１１１１１１１１１１１１１１", "[card]"),
    ("4111 1111 1111 1111", "[card]"),
    ("3782 822463 10005", "[card]"),
    ("DE89 3704 0044 0532 0130 00", "[iban]"),
    ("to GB29NWBK60161331926819.", "to [iban]."),
    ("ssn 078-05-1120", "ssn [ssn]"),
    ("+1 (415) 555-2671", "[phone]"),
    ("tel=%2B14155552671", "tel=[phone]"),
    ("020 7946 0958", "[phone]"),
    ("(0151) 234 567 89", "[phone]"),
    ("0049 151 23456789", "[phone]"),
    ("1-415-555-2671", "[phone]"),
    ("14155552671", "[phone]"),
    ("+٤٩١٥١٢٣٤٥٦٧٨٩", "[phone]"),
    ("Authorization: Bearer abc.def-123456", "Authorization: Bearer [removed]"),
    ('Authorization: Digest username="x", response="6629fae493"', "Authorization: [removed]"),
    ("Authorization: token 5f0c7a", "Authorization: [removed]"),
    ("Cookie: sid=abc; theme=x", "Cookie: [removed]"),
    ("Set-Cookie: sid=38afes7a8; Path=/", "Set-Cookie: [removed]"),
    ("redis://:q1w2@cache:6379/0", "redis://[removed]@cache:6379/0"),
    ("postgres://u:p@ss@h/db", "postgres://[removed]@h/db"),
    ("postgres://u:p/w#1@h/db", "postgres://[removed]@h/db"),
    ("login failed: user=anna password=q1w2", "login failed: user=anna password=[removed]"),
    ("password='hunter 2'", "password=[removed]"),
    ("User(name='x', password='hun\"ter', b=2)", "User(name='x', password=[removed], b=2)"),
    ('{"password": "hunter2", "a": [1, {"token": "q"}]}', '{"password":"[removed]","a":[1,{"token":"[removed]"}]}'),
    ("said {'password': 'hunter2'} there", "said {'password': '[removed]'} there"),
    ('x {\\"token\\": \\"q1w2\\"} y', 'x {\\"token\\": \\"[removed]\\"} y'),
    ("[(b'authorization', b'q1w2e3'), (b'a', b'b')]", "[('authorization', '[removed]'), (b'a', b'b')]"),
    ("password: hunter2", "password: [removed]"),
    ("invalid password: correcthorse", "invalid password: [removed]"),
    ("run --token q1w2e3 --verbose", "run --token [removed] --verbose"),
    ("x?to=https%3A%2F%2Fb%2F%3Ftoken%3Dabc%26x%3D1", "x?to=https%3A%2F%2Fb%2F%3Ftoken%3D[removed]%26x%3D1"),
    ("DETAIL:  Key (name, town)=(ann, Ulm) already exists.", "DETAIL:  Key (name, town)=([removed]) already exists."),
    ("[SQL: INSERT] [parameters: ('anna', '5551234')]", "[SQL: INSERT] [parameters: [removed]]"),
    ("https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXX", "https://hooks.slack.com/[removed]"),
    ("-----BEGIN RSA PRIVATE KEY-----\\nMIIEow\\n-----END RSA PRIVATE KEY-----", "[key]"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-part", "[jwt]"),
    ("SG.abcdefghijklmnopqr.abcdefghijklmnopqrstu", "[key]"),
    ("123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1", "[key]"),
    ("mwk_abcdefghijklmnopqrstuvwxyz", "[key]"),
    ("github_pat_abcdefghijklmnop1234", "[key]"),
    ("glpat-abcdefghijklmnop1234", "[key]"),
    ("npm_abcdefghijklmnop12345678", "[key]"),
    ("hf_abcdefghijklmnop12345678", "[key]"),
    ("shpat_abcdefghijklmnop1234", "[key]"),
    ("xapp-1-abcdefgh", "[key]"),
    ("whsec_abcdefgh", "[key]"),
    ("AKIAIOSFODNN7EXAMPLE", "[key]"),
    ("AIzaabcdefghijklmnopqrstuvwxyz012345", "[key]"),
    ("ya29.abcdefghijklmnop1234", "[key]"),
    ("pypi-abcdefghijklmnop1234", "[key]"),
    ("dop_v1_0123456789abcdef", "[key]"),
    ("lin_api_abcdefghijklmnop", "[key]"),
    ("sbp_abcdefghijklmnop", "[key]"),
    ("mwt_abcdefghijklmnop", "[key]"),
    ("key-0123456789abcdef0123456789abcdef", "[key]"),
    ("dapi0123456789abcdef0123456789abcdef", "[key]"),
    ("AccountName=x;AccountKey=abc123==;EndpointSuffix=y", "AccountName=x;AccountKey=[removed];EndpointSuffix=y"),
    ("https://x.blob/?sv=2020&sig=abc%2Fdef%3D", "https://x.blob/?sv=2020&sig=[removed]"),
    ("access_token=abc,def&x=1", "access_token=[removed]&x=1"),
    ("Authorization: Bearer [removed]", "Authorization: Bearer [removed]"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----", "[key]"),
    ("-----BEGIN PRIVATE KEY-----\nMIIEow", "[key]"),
    ("MIIEow\nAbC=\n-----END EC PRIVATE KEY-----\nmore", "[key]\nmore"),
    ("Duplicate entry 'anna' for key 'users.name'", "Duplicate entry [removed] for key 'users.name'"),
    ("Failing row contains (1, anna, null).", "Failing row contains ([removed])."),
]
"""What is written there, and what is left of it."""

HARMLESS = [
    "GET /items/{id} 200 in 12.5 ms",
    "2026-11-21T08:30:12.123Z",
    "2026-11-21 08:30:12",
    "2026-11-21 08:30:12,123 INFO started",
    "21/11/2026 10:00",
    "01.02.2026 12:30",
    "01-02-2026 12:30:00",
    "4bf92f3577b34da6a3ce929d0e0e4736",
    "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "00-12345678901234567890123456789012-1234567890123456-01",
    "10.20.30.40:5432",
    "2001:db8::1",
    "1763714400",
    "1763714400123",
    "1763714400123456",
    "1763714400123456789",
    "order 1234567",
    "ORD-2026-004155",
    "invoice 2026-11-00042",
    "4111 1111 1111 1112",
    "version 1.2.3-rc.4",
    "Python 3.11.7",
    "1.0.0+20130313144700",
    "SELECT * FROM users WHERE id = $1",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "commit 49b553e0a1b2c3d4e5f60718293a4b5c6d7e8f90",
    "d41d8cd98f00b204e9800998ecf8427e",
    "DE89 3704 0044 0532 0130 01",
    "GB29NWBK60161331926818",
    "version 10.20.30.40 at 192.168.3.14",
    "api-7f9c6d5b8-x2x9z",
    "worker-0.worker-headless.default.svc.cluster.local",
    "EUR 1 234 567.89",
    "$1,234,567.89",
    "1.234.567,89 €",
    "0.000123456789",
    "12345678.90123",
    "-122.4194155, 37.7749295",
    "user@",
    "eyJ",
    "sk",
    "task-manager-7 desk_top-lamps disk-usage-percent",
    "pk_orders_customer_id",
    "k1:de3706045688fc3a5e695068ec86372c",
    "[phone k1:de3706045688fc3a5e695068ec86372c]",
    "react@18.2.0 lodash@4.17.21",
    "git@github.com:org/repo.git",
    "celery@worker-1.internal",
    "image@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "tokens=12, token_count=3, total_tokens=900",
    "token: expired",
    "password reset requested",
    "auth failed",
    "basic authentication required",
    "bearer of bad news",
    "error: connection refused",
    "Traceback (most recent call last):",
    '  File "/app/main.py", line 1234567, in <module>',
    "http://localhost:8080/a@b",
    "https://registry.npmjs.org/@scope/pkg",
    "https://medium.com/@user/post-1234567890ab",
    "01HV3K7Z9QXWJ8F5T2N4R6B8D0",
    "7b22-2026 2026-W47-5",
    "job 12 of 345 took 0:12:34.567890",
    "ratio 3/4, 12/25, 1/1000000",
    "memory 1073741824 bytes of 17179869184 bytes",
    "latency p50=12.5 p99=123.456789",
    "range 1000000-2000000",
    "build 20261121.1234567",
    "AB-123456-78",
    "x=1, y=22222222",
    "2026W4712345",
    "page=2&sort=up&limit=100",
    "GET /users/1234567890/orders/12345",
    "0x7f8a1c5e7b9d",
    "1e+20",
    "+12.5%",
    "+0200",
    "12:34:56.789012",
    "abc-0012-3456-xyz",
    "2147483647 4294967295 9223372036854775807",
    "7123456789012345678",
    "978-3-16-148410-0",
]
"""Ids, times, versions, hashes, names, prices, and words about secrets."""


@pytest.mark.parametrize(("text", "left"), FOUND)
def test_what_is_private_is_replaced_by_what_it_is(text: str, left: str) -> None:
    assert REDACTOR.text(text) == left


@pytest.mark.parametrize(("text", "left"), FOUND)
def test_what_is_left_stays(text: str, left: str) -> None:
    """A text that passes twice is the same: spans are cleaned where they are sent, lines where they are written."""
    assert REDACTOR.text(left) == left


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_harmless_stays(text: str) -> None:
    assert REDACTOR.text(text) == text
    assert REDACTOR.value("field", {"deep": [text]}) == {"deep": [text]}


PIECES = st.builds(
    lambda text, start, end: text[start:end],
    st.sampled_from([text for text, _ in FOUND]),
    st.integers(0, 40),
    st.integers(1, 200),
)


@given(st.one_of(st.text(), PIECES, st.builds(str.__add__, PIECES, PIECES)))
def test_the_quick_look_overlooks_nothing(text: str) -> None:
    """What it says is harmless is what all patterns leave as it is."""
    if not is_suspicious(text):
        assert REDACTOR._texts._scrubbed(text) == text


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    assert isinstance(REDACTOR.text(text), str)


def test_with_a_key_numbers_and_addresses_are_told_by_their_hash() -> None:
    """However they are written; a number that can be none is only removed."""
    number = "[phone k1:de3706045688fc3a5e695068ec86372c]"
    for spelling in ("+14155552671", "(415) 555-2671", "1-415-555-2671", "４１５-５５５-２６７１", "%2B14155552671"):
        assert KEYED.text(f"call {spelling} now") == f"call {number} now"
    assert KEYED.text("Ann@Example.org") == KEYED.text("ann%40example.org")
    assert KEYED.text("+999 1234 5678") == "[phone]"
    assert KEYED.text("4111 1111 1111 1111") == "[card]"
    assert KEYED.text(number) == number


@pytest.mark.parametrize(
    ("region", "number"), [("ES", "612 34 56 78"), ("DK", "20 12 34 56"), ("DE", "015112345678"), ("IN", "81234 56789")]
)
def test_with_a_region_numbers_are_found_as_they_are_written_there(region: str, number: str) -> None:
    assert Redactor(PrivacyPolicy(region=region)).text(f"call {number} now") == "call [phone] now"
    assert REDACTOR.text(f"call {number} now") == f"call {number} now"


@pytest.mark.parametrize("text", HARMLESS)
def test_with_a_region_what_is_harmless_stays(text: str) -> None:
    assert KEYED.text(text) == text


def test_the_key_itself_is_never_told() -> None:
    for text in (SECRET, f"k1:{SECRET}", f"MIDWATCH_PRIVACY_KEY=k1:{SECRET}", f"x{SECRET}y", f'{{"a": "{SECRET}"}}'):
        assert SECRET not in KEYED.text(text)


def test_a_text_is_as_long_as_the_limit_and_no_longer() -> None:
    """At the limit it is whole; one character more, and no half of what stands at the cut is shown."""
    whole = "x" * TEXT_CHARACTERS_MAX
    assert REDACTOR.text(whole) == whole
    assert REDACTOR.text(whole + "x") == whole + CUT
    for before in (TEXT_CHARACTERS_MAX - 9, TEXT_CHARACTERS_MAX + BEYOND_CHARACTERS - 9):
        cut = REDACTOR.text("a@b.example " * 1000 + " " * (before - 12_000) + "ann@example.org" + " " * 9000)
        assert "ann" not in cut


UNITS = [
    "a",
    "a@",
    "@a.",
    "eyJ",
    "eyJa.",
    "=",
    "a=",
    "a=b,",
    "a=b;",
    "a: ",
    "bearer ",
    "Bearer",
    "sk-",
    "1",
    "1 ",
    "(1",
    "+1",
    "0 1",
    "01 ",
    "://",
    "://a:",
    "://a@",
    "'a':",
    "'a':'",
    '\\"a\\":',
    "--a ",
    "(a)=(",
    "[parameters: ",
    "[",
    "{",
    "%3D",
    "a%3D",
    "-----BEGIN PRIVATE KEY-----",
    "-----",
    "-----END",
    "a.",
    "a-",
    "_",
    '"',
    "\\",
    "Authorization: a ",
    "authorization: ",
    "cookie:",
    "Cookie: a",
    "é",
    "é@",
    "１",
    "gh",
    "a'",
    "hooks.slack.com/",
    "Duplicate entry '",
    "row contains (",
    "a b ",
    "4111 ",
    "12-34-",
    "a@a.a.",
    "ａ@",
    '{"a":',
    "[[",
    '"a":1,',
    "1.",
    "1:AA",
    "SG.a.",
    "Basic a",
]


@pytest.mark.parametrize("unit", UNITS)
def test_no_text_takes_long(unit: str) -> None:
    """Of the greatest length, made of what patterns begin with."""
    text = "@=: %eyJk_ '\": slack " + unit * (TEXT_CHARACTERS_MAX // len(unit))
    started = time.process_time()
    REDACTOR.text(text)
    assert time.process_time() - started < 2


MARKS = (
    *(
        "eyJ",
        '":',
        "':",
        "',",
        "k_",
        "k-",
        "--",
        "earer",
        "asic",
        "EARER",
        "ASIC",
        "gh",
        "gl",
        "\\u",
        "pat_",
        "xox",
        "xapp",
    ),
    *(
        "whsec",
        "AKIA",
        "ASIA",
        "AIza",
        "ya29",
        "SG.",
        "hf_",
        "npm_",
        "pypi",
        "shp",
        "_v1_",
        "lin_",
        "sbp_",
        "dapi",
        "key-",
    ),
    *("mwt_", "slack", ":AA", "ookie:", "contains (", "uthorization", "uplicate entry"),
)


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("around", ["{}", "zz{}zz", "12{}34", "ZZ{}ZZ", "é{}", "a_b-c:d e'f{}"])
def test_every_mark_of_a_key_is_seen_whatever_stands_around_it(mark: str, around: str) -> None:
    """Small letters, capitals, digits, and what other marks have: none of them hides one."""
    assert may_hold_key(around.format(mark))


def test_most_texts_have_no_mark_of_a_key() -> None:
    assert not any(map(may_hold_key, ("/items/12345", "order placed", "a_b-c:d e'f", "ÄÖ", "42", "")))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('{"order": 5102389123, "mail": "a@b.example"}', '{"order":5102389123,"mail":"[email]"}'),
        ('{"order": 5102389123, "at": 1764287734}', '{"order": 5102389123, "at": 1764287734}'),
        ('[{"call": "+14155552671", "n": [5102389123]}]', '[{"call":"[phone]","n":[5102389123]}]'),
        ('{"phone": 5102389123}', '{"phone":"[phone]"}'),
        ('{"a": "x@y.example", "a": "b", "n": 5}', '{"a": "[email]", "a": "b", "n": 5}'),
    ],
)
def test_json_is_cleaned_value_by_value(text: str, left: str) -> None:
    """It stays JSON, and its numbers stay; of a key that is there twice no value is overlooked."""
    assert REDACTOR.text(text) == left


@pytest.mark.parametrize(
    ("region", "left"), [("DE", "order 5102389123"), ("US", "order [phone]"), ("", "order [phone]")]
)
def test_ten_digits_alone_are_an_id_where_numbers_are_not_of_north_america(region: str, left: str) -> None:
    assert Redactor(PrivacyPolicy(region=region)).text("order 5102389123") == left
    assert Redactor(PrivacyPolicy(region=region)).text("call 510-238-9123") == "call [phone]"


def test_a_rule_reaches_into_lists() -> None:
    """However its author writes that there is one."""
    for field in ("basket.items[].note", "basket.items.note", "items[].note"):
        redactor = Redactor(PrivacyPolicy(rules=(FieldRule(field, Action("mask")),)))
        left = redactor.value("basket", {"items": [{"note": "ab", "n": 1}, {"note": ["c"]}], "note": "kept"})
        assert left == {"items": [{"note": "**", "n": 1}, {"note": ["*"]}], "note": "kept"}
