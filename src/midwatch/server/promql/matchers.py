"""Label matchers; regular expressions are RE2's, whole and in linear time, as Prometheus has them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import re2  # type: ignore[import-untyped]

from midwatch.server.promql.labels import Labels, get


class MatchType(StrEnum):
    EQUAL = "="
    NOT_EQUAL = "!="
    REGEX = "=~"
    NOT_REGEX = "!~"


class Found(Protocol):
    def group(self, name: int | str) -> str | None: ...


class Pattern(Protocol):
    def fullmatch(self, text: str) -> Found | None: ...


_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.dot_nl = True


def compile_pattern(text: str) -> Pattern:
    """A pattern for whole values, in which the dot is any character.

    Raises:
        ValueError: not RE2's syntax.
    """
    try:
        pattern: Pattern = re2.compile(text, _OPTIONS)
    except re2.error as problem:
        cause = problem.args[0] if problem.args else problem
        raise ValueError(cause.decode() if isinstance(cause, bytes) else str(cause)) from None
    return pattern


@dataclass(frozen=True, slots=True)
class Matcher:
    name: str
    type: MatchType
    value: str
    pattern: Pattern | None = field(default=None, compare=False, repr=False)

    def matches(self, value: str) -> bool:
        if self.pattern is None:
            return (value == self.value) is (self.type is MatchType.EQUAL)
        return (self.pattern.fullmatch(value) is not None) is (self.type is MatchType.REGEX)


def matcher(name: str, kind: MatchType | str, value: str) -> Matcher:
    """A matcher, its pattern compiled.

    Raises:
        ValueError: the value is no regular expression.
    """
    kind = MatchType(kind)
    if kind in (MatchType.REGEX, MatchType.NOT_REGEX):
        return Matcher(name, kind, value, compile_pattern(value))
    return Matcher(name, kind, value)


def select(labels: Labels, matchers: tuple[Matcher, ...]) -> bool:
    """Whether a series is meant; a label that is not there is the empty text."""
    return all(one.matches(get(labels, one.name)) for one in matchers)
