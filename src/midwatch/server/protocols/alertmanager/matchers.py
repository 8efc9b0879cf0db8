"""Matchers as text: Alertmanager's UTF-8 syntax, with its classic one where a text is only that.

Follows Alertmanager 0.33 in its default mode: a text that both understand differently means what it always meant.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from midwatch.server.protocols.alertmanager.quoting import quoted, unquoted

OPERATORS = ("=", "!=", "=~", "!~")
"""In Alertmanager's order, which is that of matchers with equal names and values."""


class WrittenMatcher(NamedTuple):
    name: str
    operator: str
    value: str


class Unreadable(ValueError):
    """A text that is no list of matchers; says what was expected, and where."""


def read_matchers(text: str) -> list[WrittenMatcher]:
    """Of `{a="b",c=~"d"}`, with or without braces.

    Raises Unreadable, with the complaint of the newer syntax.
    """
    try:
        classic: list[WrittenMatcher] | None = _classic_matchers(text)
    except Unreadable:
        classic = None
    try:
        newer = _Reader(text).matchers()
    except Unreadable:
        if classic is None:
            raise
        return classic
    return newer if classic is None else classic


def read_matcher(text: str) -> WrittenMatcher:
    """Exactly one, without braces. Raises Unreadable."""
    if text.startswith("{") or text.endswith("}"):
        raise Unreadable(f"unexpected open or close brace: {text}")
    found = read_matchers(text)
    if len(found) != 1:
        raise Unreadable(f"expected one matcher, found {len(found)}: {text}")
    return found[0]


def in_order(matchers: Iterable[WrittenMatcher]) -> list[WrittenMatcher]:
    """By name, value, operator: that of route keys."""
    return sorted(matchers, key=lambda one: (one.name, one.value, OPERATORS.index(one.operator)))


def matcher_text(one: WrittenMatcher) -> str:
    if any(_reserved(character) for character in one.name):
        return f"{quoted(one.name)}{one.operator}{quoted(one.value)}"
    escaped = one.value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
    return f'{one.name}{one.operator}"{escaped}"'


def matchers_text(matchers: Sequence[WrittenMatcher]) -> str:
    """`{a="b",c=~"d"}`, as route keys have them."""
    return "{" + ",".join(matcher_text(one) for one in matchers) + "}"


def labels_text(labels: dict[str, str]) -> str:
    """`{a="b", c="d"}`, as group keys end."""
    return "{" + ", ".join(f"{name}={quoted(labels[name])}" for name in sorted(labels)) + "}"


def _reserved(character: str) -> bool:
    return character.isspace() or character in "{}!=~,\\\"'`"


_CLASSIC = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|=|!=|!~)\s*(.*?)\s*", re.DOTALL)
_ESCAPED = {"n": "\n", '"': '"', "\\": "\\"}


def _classic_matchers(text: str) -> list[WrittenMatcher]:
    text = text.removeprefix("{").removesuffix("}")
    parts, part = [], ""
    inside = escaped = False
    for character in text:
        if character == "," and not inside:
            parts.append(part)
            part = ""
            continue
        if character == '"':
            if not escaped:
                inside = not inside
            escaped = False
        else:
            escaped = character == "\\" and not escaped
        part += character
    if part.strip():
        parts.append(part.strip())
    return [_classic(one) for one in parts]


def _classic(text: str) -> WrittenMatcher:
    found = _CLASSIC.fullmatch(text)
    if found is None:
        raise Unreadable(f"bad matcher format: {text}")
    name, operator, raw = found[1], found[2], found[3]
    open_quote = raw.startswith('"')
    rest = raw[1:] if open_quote else raw
    value, escaped = "", False
    for index, character in enumerate(rest):
        last = index == len(rest) - 1
        if escaped:
            value += _ESCAPED.get(character, "\\" + character)
            escaped = False
        elif character == "\\" and not last:
            escaped = True
        elif character == '"':
            if not open_quote or not last:
                raise Unreadable(f"matcher value contains unescaped double quote: {raw}")
            open_quote = False
        else:
            value += character
    if open_quote:
        raise Unreadable(f"matcher value contains unescaped double quote: {raw}")
    return WrittenMatcher(name, operator, value)


_TOKEN = re.compile(
    r"""\s*(?:(?P<punctuation>[{},])|(?P<operator>!=|!~|=~|=)|(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<plain>[^\s{}!=~,\\"'`]+))""",
    re.DOTALL,
)


class _Reader:
    """Reads the UTF-8 syntax. Columns count characters from 0."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def matchers(self) -> list[WrittenMatcher]:
        found: list[WrittenMatcher] = []
        braces = self._accept("{")
        while not self._ended() and not self._next("}"):
            found.append(self._matcher())
            if self._ended() or self._next("}"):
                break
            if not self._accept(","):
                raise self._expected("a comma or close brace")
        if braces and not self._accept("}"):
            raise self._expected("close brace")
        if not self._ended():
            raise self._expected("opening brace" if self._next("}") and not braces else "end of input")
        return found

    def _matcher(self) -> WrittenMatcher:
        name = self._word("label name")
        operator = self._token()
        if operator is None or operator["operator"] is None:
            raise self._expected("an operator such as '=', '!=', '=~' or '!~'")
        self._at = operator.end()
        return WrittenMatcher(name, operator["operator"], self._word("label value"))

    def _word(self, what: str) -> str:
        found = self._token()
        if found is None or (found["quoted"] is None and found["plain"] is None):
            raise self._expected(what)
        if found["plain"] is not None:
            self._at = found.end()
            return found["plain"]
        try:
            word = unquoted(found["quoted"])
        except ValueError:
            raise Unreadable(f"0:{self._at}: {found['quoted']}: invalid input") from None
        self._at = found.end()
        return word

    def _token(self) -> "re.Match[str] | None":
        return _TOKEN.match(self._text, self._at)

    def _next(self, punctuation: str) -> bool:
        found = self._token()
        return found is not None and found["punctuation"] == punctuation

    def _accept(self, punctuation: str) -> bool:
        found = self._token()
        if found is None or found["punctuation"] != punctuation:
            return False
        self._at = found.end()
        return True

    def _ended(self) -> bool:
        return not self._text[self._at :].strip()

    def _expected(self, what: str) -> Unreadable:
        rest = self._text[self._at :].strip()
        seen = f"unexpected {rest[:20]}" if rest else "end of input"
        return Unreadable(f"0:{self._at}: {seen}: expected {what}")
