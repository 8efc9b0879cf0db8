"""What may be told of a statement: its shape and never its values."""

import re
from dataclasses import dataclass
from functools import lru_cache

SHAPE_CHARS_MAX = 2000
STATEMENT_CHARS_MAX = 20_000
"""Of longer ones only the start is looked at."""
SHAPES_MAX = 1024

_VALUES = re.compile(
    r"""--[^\n]* | /\*.*?(?:\*/|\Z)                       # comments
      | \$(?P<quote>\w*)\$.*?(?:\$(?P=quote)\$|\Z)        # PostgreSQL's dollar quotes
      | (?:\b[EeBbXxNn]|\b[Uu]&)?'(?:[^'\\]|''|\\.)*(?:'|\Z)
      | (?<![\w"$:%.])[-+]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)(?![\w"])""",
    re.VERBOSE | re.DOTALL,
)
_DOUBLE_QUOTED = re.compile(r'"(?:[^"\\]|""|\\.)*(?:"|\Z)', re.DOTALL)
_LIST = re.compile(r"\(\s*(?:\?|%s|\$\d+|:\w+|%\(\w+\)s)(?:\s*,\s*(?:\?|%s|\$\d+|:\w+|%\(\w+\)s))+\s*\)")
_ROWS = re.compile(r"\(\?, …\)(?:\s*,\s*\(\?, …\))+")
_SPACE = re.compile(r"\s+")
_TABLE = re.compile(
    r'(?i)\b(?:from|into|update|join|table(?:\s+if\s+(?:not\s+)?exists)?)\s+((?:"?[\w$]+"?\.)*"?[\w$]+"?)'
)
_WORD = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Shape:
    text: str
    operation: str
    """SELECT, INSERT …; empty for what is no word."""
    table: str
    """The first that is named; empty where none is."""


@lru_cache(maxsize=SHAPES_MAX)
def shape_of(statement: str, *, double_quotes_are_values: bool = False) -> Shape:
    """`double_quotes_are_values`: as in MySQL, where they do not name things."""
    text = statement[:STATEMENT_CHARS_MAX]
    if double_quotes_are_values:
        text = _DOUBLE_QUOTED.sub("?", text)
    text = _VALUES.sub(_without_value, text)
    text = _SPACE.sub(" ", text).strip()
    text = _ROWS.sub("(?, …)", _LIST.sub("(?, …)", text))[:SHAPE_CHARS_MAX]
    word, table = _WORD.match(text), _TABLE.search(text)
    return Shape(text, word[0].upper() if word else "", table[1].replace('"', "") if table else "")


def _without_value(match: re.Match[str]) -> str:
    return " " if match[0].startswith(("--", "/*")) else "?"
