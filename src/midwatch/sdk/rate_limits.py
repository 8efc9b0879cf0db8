"""What others' APIs say of the calls that are left, in the headers that they use for it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

_NAME = re.compile(r"(?:x-)?ratelimit-(limit|remaining|reset)(?:-([a-z-]+))?")
_RESOURCE_FIRST = re.compile(r"anthropic-ratelimit-([a-z-]+)-(limit|remaining|reset)")
_STRUCTURED = re.compile(r'"?([\w.-]+)"?\s*;([^,]*)')
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_EPOCH_SECONDS_MIN = 1e9
"""A reset above this is a time and no duration: seconds since 1970, as GitHub has it."""


@dataclass(slots=True)
class RateLimit:
    """None for what was not said."""

    limit: float | None = None
    remaining: float | None = None
    reset_seconds: float | None = None
    """From now."""


def read(headers: Iterable[tuple[str, str]], now_seconds: float) -> dict[str, RateLimit]:
    """By resource (GitHub's `core`, OpenAI's `tokens`; empty where the API has but one); names in small letters.

    Reads `x-ratelimit-…` as GitHub, Reddit and OpenAI send them, `anthropic-ratelimit-…`, and `ratelimit-…` and
    `ratelimit` of the IETF's drafts.
    """
    found: dict[str, RateLimit] = {}
    resource = ""
    for name, value in headers:
        if name == "x-ratelimit-resource":
            resource = value.strip()[:40]
        elif name == "ratelimit":
            _read_structured(value, found)
        elif match := _NAME.fullmatch(name):
            _put(found, match[2] or "", match[1], value, now_seconds)
        elif match := _RESOURCE_FIRST.fullmatch(name):
            _put(found, match[1], match[2], value, now_seconds)
    if resource and "" in found:
        found[resource] = found.pop("")
    return found


def _put(found: dict[str, RateLimit], resource: str, what: str, value: str, now_seconds: float) -> None:
    number = _time(value) if what == "reset" and "T" in value else _number(value)
    if number is None:
        return
    limit = found.setdefault(resource, RateLimit())
    if what == "limit":
        limit.limit = number
    elif what == "remaining":
        limit.remaining = number
    else:
        limit.reset_seconds = max(0.0, number - now_seconds) if number > _EPOCH_SECONDS_MIN else number


def _read_structured(value: str, found: dict[str, RateLimit]) -> None:
    """`"default";r=50;t=30` (draft-ietf-httpapi-ratelimit-headers-08)."""
    for match in _STRUCTURED.finditer(value):
        pairs = dict(one.strip().partition("=")[::2] for one in match[2].split(";"))
        found[match[1]] = RateLimit(None, _number(pairs.get("r", "")), _number(pairs.get("t", "")))


def _number(text: str) -> float | None:
    """A number, the first of several (`100, 100;w=60`), or a duration such as `6m0s`."""
    text = text.partition(",")[0].partition(";")[0].strip()
    try:
        return float(text)
    except ValueError:
        parts = _PART.findall(text)
        return sum(float(number) * _SECONDS[unit] for number, unit in parts) if parts else None


def _time(text: str) -> float | None:
    """RFC 3339 as seconds since 1970."""
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except ValueError:
        return None
