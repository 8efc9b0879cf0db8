"""What a team decides about its errors: the plan's section `errors` as the digest uses it. Frozen and picklable."""

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from midwatch.contract.failures import CategoryRule
from midwatch.contract.privacy_rules import PrivacyPolicy

GROUPING = 2
"""The version of the algorithm that new installations group by."""


@dataclass(frozen=True, slots=True)
class FingerprintRule:
    """Events that match all of `match` (field → pattern with `*`) are one issue by `fingerprint`."""

    match: tuple[tuple[str, str], ...]
    fingerprint: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class SeverityRule:
    match: tuple[tuple[str, str], ...]
    severity: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What is counted and not kept."""

    browser_extensions: bool = True
    crawlers: bool = True
    localhost: bool = False
    releases: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    """Patterns with `*` of `Type: value`, or of the message."""
    ignore: tuple[tuple[tuple[str, str], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Events a minute. Above them events are counted, and what they carry is not kept."""

    issue_per_minute: int = 60
    key_per_minute: int = 6000
    spike_per_minute: int = 30_000
    """Above this a key's events are dropped, counted as `spike_protection`."""


@dataclass(frozen=True, slots=True)
class ErrorRules:
    grouping: int = GROUPING
    privacy: PrivacyPolicy = field(default_factory=PrivacyPolicy)
    fingerprints: tuple[FingerprintRule, ...] = ()
    categories: tuple[CategoryRule, ...] = ()
    severities: tuple[SeverityRule, ...] = ()
    sampling: Mapping[str, float] = field(default_factory=dict)
    """Share that is kept, by severity."""
    filters: Filters = field(default_factory=Filters)
    limits: Limits = field(default_factory=Limits)


def matches(match: tuple[tuple[str, str], ...], values: Mapping[str, str | list[str]]) -> bool:
    """Whether every field fits its pattern; of a field with several values one is enough."""
    for name, pattern in match:
        found = values.get(name, "")
        some = found if isinstance(found, list) else [found]
        if not any(glob(pattern).match(one) for one in some):
            return False
    return True


@lru_cache(maxsize=2000)
def glob(pattern: str) -> re.Pattern[str]:
    """Of a pattern with `*` and `?`, without regard to case."""
    return re.compile(fnmatch.translate(pattern), re.IGNORECASE | re.DOTALL)
