"""What private values look like. Each pattern takes time in proportion to the text, whatever stands in it."""

import ipaddress
import re

CARD = re.compile(
    r"(?<![^\W_])(?<!\d[. -])(?:\d{13,19}|\d{4}[ ._-]{1,2}\d{4}[ ._-]{1,2}\d{4}[ ._-]{1,2}\d{1,7}"
    r"|\d{4}[ ._-]{1,2}\d{6}[ ._-]{1,2}\d{4,5})(?![^\W_])"
)
_NETWORKS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5\d{12,18}|6\d{12,18}|3(?:[0689]\d{12}|[47]\d{13}|5\d{14})|2[2-7]\d{14}"
)
"""Beginnings and lengths that are given out: times in milliseconds and most other long numbers are none."""
EMAIL = re.compile(
    r"(?P<name>(?<![\w.!#$*+^`{|}~'-])\w{1,64}=)?[\w!#$*+=^`{|}~][\w.!#$*+=^`{|}~'-]{0,63}(?:@|%40)"
    r"(?:\w(?:[\w-]{0,62}\w)?\.){1,8}[^\W\d_](?:[\w-]{0,61}\w)"
)
IBAN = re.compile(r"(?<![^\W_])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![^\W_])")
SSN = re.compile(r"(?<![\w.-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-]|\.\d)")
"""Social security numbers of the United States, as they are written."""
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
IP = re.compile(
    rf"(?<![\w.:])(?:{_OCTET}(?:\.{_OCTET}){{3}}(?![\w.]\w|\w)"
    r"|(?=[0-9A-Fa-f:.]{0,45}::|(?:[0-9A-Fa-f]{1,4}:){7})[0-9A-Fa-f:]{2,39}(?:\d{1,3}(?:\.\d{1,3}){3})?(?![\w:]))"
)
NO_PERSON = re.compile(r"(?:git|celery)(?:@|%40)")
"""Accounts of machines, as in `git@host:path` and in the names of Celery's workers."""
JWT = re.compile(r"eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)*|eyJ[A-Za-z0-9_-]{60,}")
SCHEME = re.compile(
    r"\b((?i:bearer|basic))(?: +|%20)(?:(?=[a-z._~+/-]{0,16}[A-Z0-9=])[A-Za-z0-9._~+/=%-]{8,}|[A-Za-z0-9._~+/=%-]{16,})"
)
"""Words do not count: `basic authentication`."""
PEM = re.compile(
    r"(?:-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----|\A)[A-Za-z0-9+/=\s\\:,-]{0,16384}?"
    r"(?:-----END [A-Z ]{0,32}PRIVATE KEY-----)|-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[A-Za-z0-9+/=\s\\:,-]*"
)
"""One whose beginning or end was cut off, too."""
VENDOR_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:sk|rk)[-_][A-Za-z0-9_-]{8,}|pk_(?:live|test)_[A-Za-z0-9]{8,}|gh[a-z]_[A-Za-z0-9]{16,}"
    r"|github_pat_\w{16,}|gl[a-z]{2,5}-[\w-]{16,}|xox[a-z]-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{8,}|whsec_[A-Za-z0-9+/=]{8,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{30,}|ya29\.[\w-]{16,}|SG\.[\w-]{16,}\.[\w-]{16,}|hf_[A-Za-z0-9]{20,}"
    r"|npm_[A-Za-z0-9]{20,}|pypi-[\w-]{16,}|shp[a-z]{2}_[A-Za-z0-9]{16,}|do[opr]_v1_[a-f0-9]{16,}|lin_api_\w{16,}"
    r"|sbp_[a-z0-9]{16,}|dapi[a-f0-9]{32}|key-[a-f0-9]{32}|mw[kt]_[\w-]{16,}|\d{8,10}:AA[\w-]{32,})"
)
SLACK_HOOK = re.compile(r"(?<=hooks\.slack\.com/)[a-z]+/[\w/]{8,}")
PHONE = re.compile(
    r"(?<![^\W_])(?<![.-])(?:(?:\+|%2[Bb])\d(?:[ ().-]{0,2}\d){6,14}"
    r"|(?:1[ .-]?)?(?:\([2-9][0-8]\d\)[ .-]{0,2}|[2-9][0-8]\d[ .-]{1,2})\d{3}[ .-]\d{4}"
    r"|1?(?!2147483647|4294967295)[2-9][0-8]\d[2-9]\d{6}(?! (?:bytes|rows|ms|ns|us|B)\b))"
    r"(?![^\W_]|-\d|\.\d)"
)
"""With a country code; as in North America."""
NATIONAL = re.compile(r"(?<![\w.:/-])(?<!\d )\(?0\d{1,5}\)?(?:[ /.-]{1,2}\(?\d{2,8}\)?){1,5}(?![\w-]|[.:]\d)")
"""As within a country where numbers begin with 0."""
REGIONAL = re.compile(r"(?<![\w.:/+-])(?<!\d )(?!\d{4}-\d\d-\d\d)\(?\d(?:[ ()/-]{0,2}\d){6,12}(?![\w-]|[.:]\d)")
"""What could be a number of the team's own region."""
_DATE = re.compile(r"\d\d?([./-])\d\d?\1\d{4}|\d{4}([./-])\d\d?\2\d\d?")

USER_INFO = re.compile(
    r"(?<=://)(?:[^/\s?#'\"<>]{1,512}|[^/\s@:?#\['\"<>]{0,128}:(?!\d{1,5}[/?#])[^\s'\"<>]{1,512})(?=@)"
)
PAIR = re.compile(r"(?<![\w.%\[\]-])([\w.%\[\]-]{1,128})=((?:[^\s&;,'\"<>#)]|[;,](?![\w.%-]{1,64}=|\s|$))+)")
"""`name=value`, as in a URL's query, in what an object says of itself, or in a line's text."""
ASSIGNED = re.compile(
    r"(?<![\w.%\[\]-])([\w.%\[\]-]{1,128})=([bru]{0,2}(?:'(?:[^'\\]|\\.)*(?:'|\Z)|\"(?:[^\"\\]|\\.)*(?:\"|\Z)))",
    re.DOTALL,
)
"""The same with a value in quotes."""
ENCODED_PAIR = re.compile(r"(?:%3[Ff]|%26|%23|(?<![\w.%-]))([\w.-]{1,128})%3[Dd]((?:(?!%26|%23)[^\s&;,'\"<>#)])+)")
"""The same in a URL within a URL."""
QUOTED_PAIR = re.compile(
    r"""b?(?P<mark>["'])(?P<name>[\w.%\[\]-]{1,128})(?P=mark)(?P<joint>\s{0,4}[:,]\s{0,4})b?"""
    r"""(?P<value>"(?:[^"\\]|\\.)*(?:"|\Z)|'(?:[^'\\]|\\.)*(?:'|\Z)|-?\d[\d.]*)"""
)
"""`"name": "value"` of JSON and Python, and `('name', 'value')`."""
ESCAPED_PAIR = re.compile(
    r"""(?P<mark>\\{1,7}"|'')(?P<name>[\w.%\[\]-]{1,128})(?P=mark)(?P<joint>\s{0,4}:\s{0,4})"""
    r"""(?P<value>(?P=mark).*?(?:(?<!\\)(?P=mark)|\Z))"""
)
"""The same within JSON that is a text of JSON, or of SQL."""
COLON_NAME = re.compile(r"(?<![\w.%-])([A-Za-z][\w.-]{1,63}): ?(?!(?i:bearer|basic)\b|\[)")
COLON_VALUE = re.compile(r"[^\s,;'\"<>{}\[\]()]+")
"""`name: value`; apart, for the value may be the next one's name."""
HEADER_LINE = re.compile(r"(?i:\b((?:set-)?cookie)(: ?))[^\r\n]+")
AUTHORIZATION = re.compile(r"(\b(?i:authorization): ?)(?!(?i:bearer|basic)\b)[\w-]+ +(?=\S{0,64}[\dA-Z=])\S{6}[^\r\n]*")
FLAG = re.compile(r"(?<!\S)(--[A-Za-z][\w-]{1,63}) +(?!-)(\S+)")
"""`--password secret`."""
PARAMETERS = re.compile(r"(\[parameters: ).*?(?:\](?=\n|\Z|\(Background)|\Z)", re.DOTALL)
"""As SQLAlchemy tells of what a statement was given."""
VIOLATION = re.compile(r"(\([\w\", ]{1,256}\)=|row contains )\(([^\n]*)")
"""As PostgreSQL tells of what breaks a constraint."""
DUPLICATE = re.compile(r"(Duplicate entry )'[^\n]{0,1024}?'(?= for key)")
"""As MySQL does."""

KEY_CHARACTERS_MIN = 11
"""The shortest of `VENDOR_KEY`, and what names its value in quotes."""

UUID_CHARACTERS = 36

has_number = re.compile(r"\d[\d ()./+-]{5}").search
is_id = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?"
    r"(?:Z|[+-]\d\d:?\d\d)?)?"
).fullmatch
"""UUIDs and times: most of what has a number long enough."""


def is_suspicious(text: str) -> bool:
    """Nothing private is in a text for which this is false: one quick look for the many texts that are harmless.

    Searches for one text each are what Python does quickest: a pattern of all of these takes three times as long.
    """
    number = has_number(text) is not None
    if (number or len(text) == UUID_CHARACTERS) and is_id(text) is not None:
        return False
    return (
        number
        or "@" in text
        or "=" in text
        or ": " in text
        or "%" in text
        or not text.isascii()
        or (len(text) >= KEY_CHARACTERS_MIN and may_hold_key(text))
    )


def may_hold_key(text: str) -> bool:
    """Whether the mark of a key stands in it; what several marks share is asked for first, as most texts lack it."""
    return (
        "earer" in text
        or "asic" in text
        or "gh" in text
        or "gl" in text
        or "\\u" in text
        or "xox" in text
        or "xapp" in text
        or "whsec" in text
        or "ya29" in text
        or "pypi" in text
        or "shp" in text
        or "dapi" in text
        or "slack" in text
        or "uthorization" in text
        or ("'" in text and ("':" in text or "'," in text))
        or (":" in text and ('":' in text or "ookie:" in text or ":AA" in text))
        or ("-" in text and ("k-" in text or "--" in text or "key-" in text))
        or ("_" in text and _has_mark_with_underscore(text))
        or (" " in text and ("contains (" in text or "uplicate entry" in text))
        or (not text.islower() and _has_mark_with_capitals(text))
    )


def _has_mark_with_underscore(text: str) -> bool:
    return (
        "k_" in text
        or "pat_" in text
        or "hf_" in text
        or "npm_" in text
        or "_v1_" in text
        or "lin_" in text
        or "sbp_" in text
        or "mwt_" in text
    )


def _has_mark_with_capitals(text: str) -> bool:
    return (
        "eyJ" in text
        or "EARER" in text
        or "ASIC" in text
        or "AKIA" in text
        or "ASIA" in text
        or "AIza" in text
        or "SG." in text
    )


def is_card(text: str) -> bool:
    """A number that is given out, with the check digit of Luhn (ISO/IEC 7812-1, annex B)."""
    digits = re.sub(r"\D", "", text)
    if not _NETWORKS.fullmatch(digits):
        return False
    numbers = [int(one) for one in digits[::-1]]
    total = sum(numbers[0::2]) + sum(sum(divmod(2 * one, 10)) for one in numbers[1::2])
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """With the check digits of ISO 13616 (ISO/IEC 7064, MOD 97-10)."""
    packed = text.replace(" ", "")
    if not 15 <= len(packed) <= 34:
        return False
    return int("".join(str(int(one, 36)) for one in packed[4:] + packed[:4])) % 97 == 1


def is_ip(text: str) -> bool:
    """An address of a host: `::` alone and what the machine calls itself are nobody's."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def is_national_phone(text: str) -> bool:
    """Digits enough, and no date."""
    digits = re.sub(r"\D", "", text)
    return 9 <= len(digits) <= (17 if digits.startswith("00") else 13) and not _DATE.search(text)
