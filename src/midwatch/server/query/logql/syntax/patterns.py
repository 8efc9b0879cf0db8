"""`pattern` expressions (`<ip> - <_> "<method> <path>`) and named groups, as regular expressions."""

import re

from midwatch.server.promql.matchers import compile_pattern

_CAPTURE = re.compile(r"<([A-Za-z_][A-Za-z0-9_]*)>")
_GROUP = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\((?!\?)|\(\?P?<([A-Za-z_][A-Za-z0-9_]*)>", re.DOTALL)


def of_pattern(text: str) -> tuple[str, tuple[str, ...]]:
    """A regular expression and its groups' names; `<_>` passes over text without a name.

    Raises:
        ValueError: no capture, a name twice, or two captures with nothing between them.
    """
    pieces = _CAPTURE.split(text)
    literals, names = pieces[0::2], pieces[1::2]
    named = [name for name in names if name != "_"]
    if not named:
        raise ValueError("at least one capture is required: <name>")
    if len(set(named)) != len(named):
        raise ValueError("a capture's name stands twice")
    return "^" + _joined(literals, "(.*?)", "(.*)"), tuple("" if name == "_" else name for name in names)


def of_line_pattern(text: str) -> str:
    """The regular expression of a line filter's pattern, which has only `<_>`.

    Raises:
        ValueError: a named capture, or two captures with nothing between them.
    """
    pieces = _CAPTURE.split(text)
    if any(name != "_" for name in pieces[1::2]):
        raise ValueError("named captures are not allowed in a line filter: expected <_>")
    return "^" + _joined(pieces[0::2], ".*?", ".*") + "$"


def _joined(literals: list[str], capture: str, last: str) -> str:
    if any(not literal for literal in literals[1:-1]):
        raise ValueError("two captures need some text between them")
    out = "(?s)" + _quoted(literals[0])
    for index, literal in enumerate(literals[1:], start=1):
        out += (last if index == len(literals) - 1 and not literal else capture) + _quoted(literal)
    return out


def _quoted(literal: str) -> str:
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", literal)


def groups_of(pattern: str) -> tuple[str, ...]:
    """The names of a regular expression's groups in their order, empty for those without.

    Raises:
        ValueError: not RE2's syntax, or no group has a name.
    """
    compile_pattern(pattern)
    names = tuple(found[1] or "" for found in _GROUP.finditer(pattern) if found[0][0] == "(")
    if not any(names):
        raise ValueError("at least one named capture must be supplied: (?P<name>…)")
    return names
