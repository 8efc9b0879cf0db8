"""Where in a YAML file a character of a scalar's value stands, whatever the style in which it is written.

Folding, indentation and chomping change nothing but white space: the n-th other character of the value is the n-th one
of the text.
"""

import re

from midwatch.contract.plan.document import Document, Path
from midwatch.contract.plan.problem import Problem

_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)+")
_BLOCK_HEADER = re.compile(r"[|>][0-9+-]*[ \t]*(?:#[^\n]*)?\n")


def inside(document: Document, text: str, path: Path, offset: int, message: str) -> Problem:
    """A problem at character `offset` of the scalar at `path`; `text` is the whole file."""
    found = document.problem(path, message)
    if path not in document.texts:
        return found
    begin = _start_of(text, found.line, found.column)
    at = _place(text, begin, document.texts[path], offset)
    line = text.count("\n", 0, at) + 1
    return Problem(found.file, line, at - text.rfind("\n", 0, at), message)


def offset_of(value: str, line: int, column: int) -> int:
    """Of a line and column in the value, both from 1."""
    lines = value.split("\n")
    return sum(len(one) + 1 for one in lines[: line - 1]) + column - 1


def _start_of(text: str, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = text.index("\n", start) + 1
    return start + column - 1


def _place(text: str, begin: int, value: str, offset: int) -> int:
    at = begin
    if found := _PROPERTIES.match(text, at):
        at = found.end()
    style = text[at : at + 1]
    if style in "|>" and (header := _BLOCK_HEADER.match(text, at)):
        at, style = header.end(), "|"
    elif style in ("'", '"'):
        at += 1
    wanted = len("".join(value[:offset].split()))
    while at < len(text):
        size = _size(text, at, style)
        if not text[at].isspace():
            if wanted == 0:
                return at
            wanted -= not (style == '"' and text[at : at + 2] == "\\\n")
        at += size
    return begin


def _size(text: str, at: int, style: str) -> int:
    """How much of the text the character at `at` takes; escapes by number of digits are taken as their first two."""
    if style == '"' and text[at] == "\\":
        return 2
    return 2 if style == "'" and text[at : at + 2] == "''" else 1
