"""Private values out of an event of Sentry's form before it lands: by the rules, and by the names that Sentry takes.

Sentry's defaults: docs.sentry.io, server-side data scrubbing.
"""

import re
from functools import lru_cache
from typing import Any

from midwatch.contract.redaction.said import LEFT_OUT
from midwatch.contract.redaction.values import below
from midwatch.server.privacy.scrubber import Scrubber

_SENTRY_KEYS = re.compile(
    r"(?i)passw(or)?d|passwd|secret|api_?key|apikey|mysql_?pwd|credentials|privatekey|private_key|^auth$|bearer|"
    r"^authorization$|^token$|csrf|xsrf|session_?id$|^sid$|stripe-?token|card\[number\]|_token$"
)
_SPARED = frozenset({"session_id", "sessionid"})
"""Sessions join an error to its session here; they are no credential of anybody's."""
_UNTOUCHED = frozenset({"event_id", "timestamp", "platform", "level", "sdk", "debug_meta", "errors", "release"})
_STRUCTURE = frozenset({"values", "frames", "stacktrace", "exception", "breadcrumbs", "threads", "vars", "contexts"})
"""Keys of ours that lead to values; no denylist takes them whole."""
_PLAIN = frozenset({"filename", "abs_path", "module", "function", "package", "debug_id", "trace_id", "span_id"})
_QUERY = re.compile(r"([?&;]|^)([^=&;?\s]{1,100})=([^&;\s#]*)")


def scrub(event: dict[str, Any], scrubber: Scrubber) -> None:
    """In place."""
    if not scrubber.is_on:
        return
    for key, value in event.items():
        scrubber.place = key
        if key == "user" and isinstance(value, dict):
            event[key] = _user(value, scrubber)
        elif key not in _UNTOUCHED:
            event[key] = _scrubbed(key, "", value, scrubber)
    scrubber.place, request = "request", event.get("request")
    if isinstance(request, dict):
        if "cookies" in request:
            request["cookies"] = scrubber.remove("cookies", request["cookies"])
        query = request.get("query_string")
        if isinstance(query, str):
            request["query_string"] = _query(query, scrubber)
        elif isinstance(query, list):
            request["query_string"] = [
                [one[0], scrubber.remove(str(one[0]), one[1])]
                if isinstance(one, list) and len(one) == 2 and _is_private(str(one[0]), scrubber)
                else one
                for one in query
            ]


def _user(user: dict[str, Any], scrubber: Scrubber) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in user.items():
        if isinstance(value, str):
            if told := scrubber.user_name(value, name):
                found[name] = told
        else:
            found[name] = _scrubbed(name, "user", value, scrubber)
    return found


def _scrubbed(key: str, path: str, value: Any, scrubber: Scrubber) -> Any:
    """`path`: of the app's own keys above this one; what structures an event is none of them."""
    if isinstance(value, dict):
        found: dict[str, Any] = {}
        for name, one in value.items():
            if name not in _STRUCTURE and one not in (None, "") and _is_sentrys(name):
                found[name] = scrubber.remove(below(path, name), one)
                continue
            inner = "" if name in _STRUCTURE else below(path, name)
            told = _scrubbed(name, inner, one, scrubber)
            if told is not LEFT_OUT:
                found[name] = told
        return found
    if isinstance(value, list):
        return [told for one in value if (told := _scrubbed(key, path, one, scrubber)) is not LEFT_OUT]
    if key in _PLAIN or value in (None, ""):
        return value
    return scrubber.value(path, value) if path else scrubber.text(value) if isinstance(value, str) else value


@lru_cache(20_000)
def _is_sentrys(key: str) -> bool:
    return key.lower() not in _SPARED and _SENTRY_KEYS.search(key) is not None


def _is_private(key: str, scrubber: Scrubber) -> bool:
    return key.lower() not in _SPARED and (_is_sentrys(key) or scrubber.is_private(key))


def _query(value: str, scrubber: Scrubber) -> str:
    return _QUERY.sub(
        lambda match: (
            f"{match[1]}{match[2]}={scrubber.remove(match[2], match[3])}"
            if match[3] and _is_private(match[2], scrubber)
            else match[0]
        ),
        scrubber.text(value),
    )
