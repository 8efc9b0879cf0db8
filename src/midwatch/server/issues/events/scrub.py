"""Private values out of an event before it lands: keys of the plan's denylist, and what Sentry's scrubbing takes.

Sentry's defaults (docs.sentry.io, server-side data scrubbing): values under names such as password or auth, and card
numbers, IBANs, social security numbers, private keys and passwords of URLs wherever they stand.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]

from midwatch.contract.privacy import REMOVED

_SENTRY_KEYS = (
    r"(?i)passw(or)?d|passwd|secret|api_?key|apikey|mysql_?pwd|credentials|privatekey|private_key|^auth$|bearer|"
    r"^authorization$|^token$|csrf|xsrf|session_?id$|^sid$|stripe-?token|card\[number\]|_token$"
)
_SPARED = frozenset({"session_id", "sessionid"})
"""Sessions join an error to its session here; they are no credential of anybody's."""
_URL_PASSWORD = re.compile(r"(?<=://)([^/\s:@]{0,200}):([^/\s@]{1,200})@")
_QUERY = re.compile(r"([?&;]|^)([^=&;?\s]{1,100})=([^&;\s#]*)")
_CARD = re.compile(r"(?<![\w.-])(?:\d[ -]?){12,18}\d(?![\w.-])")
_PEM = re.compile(r"-----BEGIN [A-Z ]*(?:PRIVATE|PUBLIC) KEY-----.*?(?:-----END [A-Z ]*KEY-----|\Z)", re.DOTALL)
_SSN = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_JWT = re.compile(r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}")
_BEARER = re.compile(r"(?i)\b(bearer|basic) [\w.~+/=-]{8,}")
_MAYBE = re.compile(r"\d{3}|://|eyJ|-----BEGIN|(?i:bearer|basic) |=")
_UNTOUCHED = frozenset({"event_id", "timestamp", "platform", "level", "sdk", "debug_meta", "errors", "release"})
_STRUCTURE = frozenset({"values", "frames", "stacktrace", "exception", "breadcrumbs", "threads", "vars", "contexts"})
"""Keys of ours that lead to values; no denylist takes them whole."""
_PLAIN = frozenset({"filename", "abs_path", "module", "function", "package", "debug_id", "trace_id", "span_id"})

IsPrivate = Callable[[str], bool]


@lru_cache(maxsize=8)
def private_keys(pattern: str) -> IsPrivate:
    """Whether a key is private by a denylist's pattern or by Sentry's names."""
    ours, theirs = re2.compile(pattern), re2.compile(_SENTRY_KEYS)

    @lru_cache(maxsize=20_000)
    def is_private(key: str) -> bool:
        if key.lower() in _SPARED:
            return False
        return ours.search(key) is not None or theirs.search(key) is not None

    return is_private


def scrub(event: dict[str, Any], is_private: IsPrivate) -> None:
    """In place."""
    for key, value in event.items():
        if key not in _UNTOUCHED:
            event[key] = _scrubbed(key, value, is_private)
    request = event.get("request")
    if isinstance(request, dict):
        if "cookies" in request:
            request["cookies"] = REMOVED
        query = request.get("query_string")
        if isinstance(query, str):
            request["query_string"] = _query(query, is_private)
        elif isinstance(query, list):
            request["query_string"] = [
                [one[0], REMOVED] if isinstance(one, list) and len(one) == 2 and is_private(str(one[0])) else one
                for one in query
            ]


def clean_text(value: str, is_private: IsPrivate) -> str:
    """A text without what is private wherever it stands."""
    if not _MAYBE.search(value):
        return value
    if "://" in value or "=" in value:
        value = _URL_PASSWORD.sub(rf"\1:{REMOVED}@", value)
        value = _query(value, is_private)
    if "-----BEGIN" in value:
        value = _PEM.sub(REMOVED, value)
    value = _JWT.sub(REMOVED, value)
    value = _BEARER.sub(rf"\1 {REMOVED}", value)
    value = _CARD.sub(lambda match: REMOVED if _luhn(match[0]) else match[0], value)
    value = _SSN.sub(REMOVED, value)
    return _IBAN.sub(lambda match: REMOVED if _iban(match[0]) else match[0], value)


def _scrubbed(key: str, value: Any, is_private: IsPrivate) -> Any:
    if isinstance(value, dict):
        return {
            name: REMOVED
            if name not in _STRUCTURE and one not in (None, "") and is_private(name)
            else _scrubbed(name, one, is_private)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_scrubbed(key, one, is_private) for one in value]
    if isinstance(value, str) and key not in _PLAIN:
        return clean_text(value, is_private)
    return value


def _query(value: str, is_private: IsPrivate) -> str:
    return _QUERY.sub(
        lambda match: f"{match[1]}{match[2]}={REMOVED}" if match[3] and is_private(match[2]) else match[0], value
    )


def _luhn(value: str) -> bool:
    digits = [int(one) for one in value if one.isdigit()]
    if len(set(digits)) == 1:
        return False
    doubled = [sum(divmod(2 * one, 10)) if place % 2 else one for place, one in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def _iban(value: str) -> bool:
    packed = value.replace(" ", "")
    if not 15 <= len(packed) <= 34:
        return False
    turned = packed[4:] + packed[:4]
    return int("".join(str(int(one, 36)) for one in turned)) % 97 == 1
