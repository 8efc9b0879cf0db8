"""Texts as people see them: what looks like other letters and digits is written as these, what is not seen is gone."""

import re
import unicodedata

_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212), "-")
_UNSEEN = re.compile(
    r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]"
)
_ESCAPED = re.compile(r"\\(?:u((?!00[0-7]|[dD][89a-fA-F])[0-9a-fA-F]{4})|x([89a-fA-F][0-9a-fA-F]))")
"""Characters beyond ASCII as JSON and Python write them."""
_DIGITS = re.compile(r"[^\x00-\x7f](?<=\d)")


def plain(text: str) -> str:
    """Compatibility forms (full width, mathematical), any script's digits, dashes and spaces as ASCII's (UAX 15, NFKC).

    Characters without a width are left out.
    """
    if "\\" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1] or match[2], 16)), text)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", _UNSEEN.sub("", text)).translate(_DASHES)
    return _DIGITS.sub(lambda match: str(unicodedata.digit(match[0], match[0])), text)


def digits_of(text: str) -> str:
    """Its digits alone, as ASCII's."""
    return re.sub(r"\D", "", plain(text))
