"""Hashes of private values: as anybody makes them with HMAC-SHA256, and however a number is spelt."""

import json
import subprocess
import sys
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midwatch.contract.privacy_hashing import SECRET_CHARACTERS_MIN, HashKey, HashKeys
from midwatch.contract.privacy_phone import e164, last_digits, phone_hash, region_of

VECTORS = json.loads((Path(__file__).parent / "phone_hash_vectors.json").read_text(encoding="utf-8"))
KEYS = {key_id: HashKeys.of(f"{key_id}:{secret}").current for key_id, secret in VECTORS["keys"].items()}
SECRET = "s" * SECRET_CHARACTERS_MIN

EXAMPLES = [
    phonenumbers.format_number(example, spelling)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    if (example := phonenumbers.example_number_for_type(region, kind)) is not None
    for spelling in (phonenumbers.PhoneNumberFormat.E164, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
]


@pytest.mark.parametrize("vector", VECTORS["numbers"], ids=lambda vector: vector["e164"])
def test_every_spelling_of_a_number_has_the_hash_that_openssl_makes(vector: dict[str, object]) -> None:
    for spelling in vector["spellings"]:  # type: ignore[attr-defined]
        assert e164(spelling, str(vector["region"])) == vector["e164"], spelling
        for key_id, expected in vector["hashes"].items():  # type: ignore[attr-defined]
            assert phone_hash(spelling, KEYS[key_id], str(vector["region"])) == expected


@pytest.mark.parametrize("vector", VECTORS["values"], ids=lambda vector: vector["value"])
def test_other_values_are_hashed_as_they_are(vector: dict[str, str]) -> None:
    assert KEYS[vector["key"]].hash(vector["value"]) == vector["hash"]


@pytest.mark.parametrize(
    "text", ["", "  ", "abc", "123", "+", "+1 415", "1" * 65, "+1415555267112345678", "\0", "+0123456789"]
)
def test_what_is_no_number_has_no_hash(text: str) -> None:
    assert phone_hash(text, KEYS["k1"], "US") == ""


def test_a_number_of_a_country_needs_its_region() -> None:
    assert e164("020 7946 0958") == ""


WITHOUT_LIBRARY = """
import json, sys
sys.modules["phonenumbers"] = None
from midwatch.contract.privacy_phone import e164
print(json.dumps([e164(one, "US") for one in json.load(sys.stdin)]))
"""


def without_library(numbers: list[str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LIBRARY], input=json.dumps(numbers), capture_output=True, text=True, check=True
    )
    found: list[str] = json.loads(done.stdout)
    return found


def test_without_the_library_international_numbers_have_the_same_hash() -> None:
    """Two numbers of each region of the world, in two spellings."""
    assert without_library(EXAMPLES) == [e164(one) for one in EXAMPLES]
    assert all(without_library(EXAMPLES))


def test_without_the_library_all_others_have_none() -> None:
    """Rather no hash than one that is not the number's."""
    others = ["(415) 555-2671", "020 7946 0958", "+44 (0)20 7946 0958", "+49 0151 23456789", "+1 415 555 2671 ext 5"]
    assert without_library(others) == [""] * len(others)


@given(st.text(max_size=80), st.sampled_from(["", "US", "DE", "IT"]))
def test_no_text_breaks_it(text: str, region: str) -> None:
    found = e164(text, region)
    assert found == "" or (found[0] == "+" and found[1:].isdigit() and len(found) <= 16)


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+1 415 555 2671", "71"), ("２６７１２", "12"), ("2671", ""), ("", ""), ("tel", ""), ("1 2 3 4 5 6", "56")],
)
def test_the_last_two_digits_are_never_half_of_it(number: str, shown: str) -> None:
    assert last_digits(number) == shown


@pytest.mark.parametrize(("text", "region"), [("us", "US"), (" DE ", "DE")])
def test_regions_are_two_letters(text: str, region: str) -> None:
    assert region_of(text) == region


@pytest.mark.parametrize("text", ["", "USA", "XX", "1A", "Germany"])
def test_what_is_no_region_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="expected a region of two letters"):
        region_of(text)


def test_keys_have_ids_and_the_first_is_in_force() -> None:
    keys = HashKeys.of(f" k2:{SECRET}, k1:{'o' * 40}\n")
    assert keys.current == keys.named("") == keys.named("k2") == HashKey("k2", SECRET.encode())
    assert keys.named("k1") == HashKey("k1", b"o" * 40)
    assert keys.named("k0") is None


@pytest.mark.parametrize(
    "text",
    ["", SECRET, f":{SECRET}", f"1:{SECRET}", f"k 1:{SECRET}", f"k1:{SECRET[1:]}", f"k1:{SECRET},k1:{SECRET}x", "k1:"],
)
def test_a_key_that_is_none_is_refused_and_not_shown(text: str) -> None:
    """One character under the limit, too."""
    with pytest.raises(ValueError, match="expected") as raised:
        HashKeys.of(text)
    assert SECRET[1:] not in str(raised.value)


def test_no_key_is_in_what_shows_it() -> None:
    assert SECRET not in f"{HashKeys.of(f'k1:{SECRET}')!r} {HashKeys.of(f'k1:{SECRET}')}"
