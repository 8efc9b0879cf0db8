"""The search language: Lucene's syntax by `luqum`, and what our fields mean.

Text → luqum's tree → one SQL condition with bound parameters. User text is only ever a parameter.
"""

import re
from dataclasses import dataclass, field

from luqum.exceptions import ParseError
from luqum.parser import parser
from luqum.tree import (
    AndOperation,
    Boost,
    FieldGroup,
    From,
    Fuzzy,
    Group,
    Item,
    Not,
    OrOperation,
    Phrase,
    Plus,
    Prohibit,
    Proximity,
    Range,
    Regex,
    SearchField,
    To,
    UnknownOperation,
    Word,
)

from midwatch.server.model.errors import BadQuery
from midwatch.server.query.search.fields import Field, Kind, Schema, contains
from midwatch.server.query.search.units import number_of

LENGTH_MAX = 4000
TERMS_MAX = 100
DEPTH_MAX = 30
_POSITION = re.compile(r"at position (\d+)")
_EXPECTED = ["a word", '"a phrase"', "field:value", "field:>number", "( … )"]


@dataclass(slots=True)
class Condition:
    """A WHERE condition and its parameters (`{q0:String}` …)."""

    sql: str
    params: dict[str, str | float | int] = field(default_factory=dict)


def compile_search(text: str, schema: Schema) -> Condition:
    """The condition of a search; an empty search is true.

    Raises:
        BadQuery: with the column and what was expected there.
    """
    if len(text) > LENGTH_MAX:
        raise BadQuery(f"the search has {len(text)} characters: expected at most {LENGTH_MAX}")
    if "\0" in text:
        raise BadQuery("the search has a NUL character", column=text.index("\0") + 1)
    if not text.strip():
        return Condition("1")
    escaped, columns = _escape_slashes(text)
    try:
        tree = parser.parse(escaped)
    except ParseError as error:
        raise _syntax_error(str(error), text, columns) from None
    except RecursionError:
        raise BadQuery(f"the search is nested deeper than {DEPTH_MAX}") from None
    compiler = _Compiler(schema)
    return Condition(compiler.node(tree, 0), compiler.params)


def _escape_slashes(text: str) -> tuple[str, list[int]]:
    """Lucene takes /…/ for a regular expression; here paths are searched for. Also maps positions back."""
    escaped, columns, quoted, after_backslash = [], [], False, False
    for index, character in enumerate(text):
        if character == '"' and not after_backslash:
            quoted = not quoted
        if character == "/" and not quoted and not after_backslash:
            escaped.append("\\")
            columns.append(index)
        after_backslash = character == "\\" and not after_backslash
        escaped.append(character)
        columns.append(index)
    return "".join(escaped), columns


def _syntax_error(message: str, text: str, columns: list[int]) -> BadQuery:
    found = _POSITION.search(message)
    position = columns[min(int(found[1]), len(columns) - 1)] if found and columns else len(text)
    near = text[position : position + 20]
    if text.count('"') % 2:
        position = text.rindex('"')
        return BadQuery(f"column {position + 1}: the quote is never closed", column=position + 1, expected=['"'])
    reason = f"cannot read {near!r}" if near else "the search ends too early"
    expected = ", ".join(_EXPECTED)
    return BadQuery(f"column {position + 1}: {reason}; expected {expected}", column=position + 1, expected=_EXPECTED)


class _Compiler:
    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._terms = 0
        self.params: dict[str, str | float | int] = {}

    def node(self, item: Item, depth: int, target: Field | None = None) -> str:
        """One node as a condition; `target` is the field that a group belongs to."""
        if depth > DEPTH_MAX:
            raise BadQuery(f"the search is nested deeper than {DEPTH_MAX}")
        if isinstance(item, UnknownOperation | AndOperation):
            return "(" + " AND ".join(self.node(child, depth + 1, target) for child in item.children) + ")"
        if isinstance(item, OrOperation):
            return "(" + " OR ".join(self.node(child, depth + 1, target) for child in item.children) + ")"
        if isinstance(item, Not | Prohibit):
            return f"NOT {self.node(item.children[0], depth + 1, target)}"
        if isinstance(item, Plus | Group | FieldGroup | Boost | Fuzzy | Proximity):
            return self.node(item.children[0], depth + 1, target)
        if isinstance(item, SearchField):
            return self._field(item, depth)
        return self._term(item, target)

    def _field(self, item: SearchField, depth: int) -> str:
        inner = item.children[0]
        name = _unescape(item.name)
        if isinstance(inner, SearchField):  # a:b:c is the value "b:c"
            inner = Word(f"{inner.name}:{inner.children[0]}")
        if isinstance(inner, Prohibit) and isinstance(inner.children[0], Word):  # x:-5 is a negative number
            inner = Word(f"-{inner.children[0].value}")
        return self.node(inner, depth + 1, self._schema.field(name, self._bind))

    def _term(self, item: Item, target: Field | None) -> str:
        self._terms += 1
        if self._terms > TERMS_MAX:
            raise BadQuery(f"the search has more than {TERMS_MAX} terms")
        if target is None:
            if isinstance(item, From | To | Range):
                raise BadQuery("a comparison needs a field before it", expected=["field:>number"])
            return self._schema.free_text(_text(item), self._bind)
        if isinstance(item, Range):
            low, high = (_text(bound) for bound in item.children)
            parts = [
                self._compare(target, ">=" if item.include_low else ">", low) if low != "*" else "1",
                self._compare(target, "<=" if item.include_high else "<", high) if high != "*" else "1",
            ]
            return f"({' AND '.join(parts)})"
        if isinstance(item, From | To):
            sign = ">" if isinstance(item, From) else "<"
            return self._compare(target, sign + ("=" if item.include else ""), _text(item.children[0]))
        return self._equals(target, _text(item), wild=isinstance(item, Word))

    def _compare(self, target: Field, operator: str, text: str) -> str:
        if target.kind is Kind.LEVEL:
            return target.compare_level(operator, text)
        number = number_of(text, duration=target.kind is Kind.DURATION)
        if number is None:
            expected = "1.5s, 200ms …" if target.kind is Kind.DURATION else "a number"
            raise BadQuery(f"{target.name}:{operator}{text}: expected {expected}", expected=[expected])
        return f"ifNull({target.number} {operator} {self._bind(number)}, 0)"

    def _equals(self, target: Field, text: str, *, wild: bool) -> str:
        if wild and text == "*":
            return target.exists
        if target.kind is Kind.DURATION:
            number = number_of(text, duration=True)
            if number is None:
                raise BadQuery(f"{target.name}:{text}: expected a duration", expected=["duration:>1.5s"])
            return f"({target.number} = {self._bind(number)})"
        if wild and ("*" in text or "?" in text):
            pattern = re.sub(r"([%_\\])", r"\\\1", text).replace("*", "%").replace("?", "_")
            return f"({target.text} LIKE {self._bind(pattern)})"
        if target.kind is Kind.TEXT:
            return contains(target.text, text, self._bind)
        return target.equals(text, self._bind)

    def _bind(self, value: str | float) -> str:
        return bind(self.params, value)


def bind(params: dict[str, str | float | int], value: str | float) -> str:
    """Add a parameter; returns how it is written in SQL."""
    name = f"q{len(params)}"
    params[name] = value
    return f"{{{name}:{'String' if isinstance(value, str) else 'Float64'}}}"


def _text(item: Item) -> str:
    if isinstance(item, Phrase):
        return _unescape(item.value[1:-1])
    if isinstance(item, Word | Regex):
        return _unescape(item.value)
    return _unescape(str(item))


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
