"""Phone numbers: one spelling for all (E.164), its hash, and its last digits.

`phonenumbers` knows what a region dials; it is loaded when the first number is read. Where it is not installed, only
international spellings are read: every other number has no hash.
"""

import re
from functools import cache
from types import ModuleType

from midwatch.contract.privacy_hashing import HashKey
from midwatch.contract.privacy_text import digits_of, plain

NUMBER_CHARACTERS_MAX = 64
DIGITS_MIN, DIGITS_MAX = 7, 15
"""Of a number with its country code; ITU-T E.164 has the upper bound."""
LAST_DIGITS = 2
REGION_EXPECTED = "a region of two letters, such as US or DE"

_REGION = re.compile(r"[A-Z]{2}")
_INTERNATIONAL = re.compile(r"\+[1-9][\d ().-]*")
_WITH_NATIONAL_PREFIX = re.compile(r"\+(?:[17]|2[07]|3[0-46]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])0")
"""Country codes of one and two digits behind which the zero is dialled within the country only; Italy's is not."""


@cache
def library() -> ModuleType | None:
    """`phonenumbers`, where it is installed."""
    try:
        import phonenumbers
    except ImportError:
        return None
    return phonenumbers


def region_of(text: str) -> str:
    """The region in capital letters. Raises ValueError for what is none."""
    region, known = text.strip().upper(), library()
    if not _REGION.fullmatch(region) or (known is not None and region not in known.SUPPORTED_REGIONS):
        raise ValueError(f"expected {REGION_EXPECTED}")
    return region


def e164(number: str, region: str = "") -> str:
    """`+` and digits; empty for what can be no phone number. `region` is where one without a country code is of."""
    text = plain(number.strip()).strip()
    if not text or len(text) > NUMBER_CHARACTERS_MAX:
        return ""
    known = library()
    if known is None:
        return _international(text)
    try:
        parsed = known.parse(text, region or None)
    except known.NumberParseException:
        return ""
    if not known.is_possible_number(parsed):
        return ""
    return str(known.format_number(parsed, known.PhoneNumberFormat.E164))


def is_valid(number: str, region: str) -> bool:
    """Whether it is in use in that region or, with a country code, anywhere; false where `phonenumbers` is missing."""
    known = library()
    if known is None:
        return False
    try:
        return bool(known.is_valid_number(known.parse(number, region or None)))
    except known.NumberParseException:
        return False


def phone_hash(number: str, key: HashKey, region: str = "") -> str:
    """The hash of the number's E.164 form, however it is spelt; empty for what can be no phone number."""
    spelt = e164(number, region)
    return key.hash(spelt) if spelt else ""


def last_digits(number: str, count: int = LAST_DIGITS) -> str:
    """The last digits, for people to recognise a number by; empty where they would be half of it or more."""
    digits = digits_of(number)
    return digits[-count:] if len(digits) > 2 * count else ""


def _international(text: str) -> str:
    """Spellings that are the same in every region; a national prefix behind the country code (`+44 (0)20`) is none."""
    text = text.removeprefix("tel:")
    if not _INTERNATIONAL.fullmatch(text) or "(0" in text:
        return ""
    spelt = f"+{digits_of(text)}"
    sound = DIGITS_MIN < len(spelt) <= DIGITS_MAX + 1 and not _WITH_NATIONAL_PREFIX.match(spelt)
    return spelt if sound else ""
