"""A text that a regular expression matches, for labels of series that are made up."""

import random
from collections.abc import Iterable, Sequence

from rstr import Rstr

from midwatch.server.promql.matchers import Matcher, MatchType

TRIES = 20
_COMMON = ("drill", "500", "200", "GET", "api", "true", "error", "x", "1", "a-1", "")


def value_for(matchers: Sequence[Matcher]) -> str | None:
    """A value that all matchers of one label take, the same each time; None: none was found."""
    equal = [one.value for one in matchers if one.type is MatchType.EQUAL]
    patterns = [one.value for one in matchers if one.type is MatchType.REGEX]
    tried: Iterable[str] = [*equal, *_COMMON, *(word for one in patterns for word in _words(one))]
    return next((word for word in tried if all(one.matches(word) for one in matchers)), None)


def _words(pattern: str) -> list[str]:
    made = Rstr(random.Random(pattern))  # noqa: S311 - no secret
    try:
        return [made.xeger(pattern)[:64] for _ in range(TRIES)]
    except Exception:  # RE2 has what Python's expressions do not, and it says so in many ways
        return []
