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
_OTHER_LANGUAGES = {"&&": "AND", "||": "OR", "and": "AND", "or": "OR"}
"""How others write what has one way here; read as words these would find nothing, without a word."""
_SIGNS = re.compile(r"(!=|!|==?)([\w*].*)", re.DOTALL)


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
    compiler = _Compiler(schema, columns)
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
    def __init__(self, schema: Schema, columns: list[int]) -> None:
        self._schema = schema
        self._columns = columns
        self._terms = 0
        self.params: dict[str, str | float | int] = {}

    def node(self, item: Item, depth: int, target: Field | None = None) -> str:
        """One node as a condition; `target` is the field that a group belongs to. A mistake gets its column here."""
        try:
            return self._node(item, depth, target)
        except BadQuery as error:
            if error.column is not None or item.pos is None:
                raise
            raise self._at(item, error) from None

    def _node(self, item: Item, depth: int, target: Field | None) -> str:
        if depth > DEPTH_MAX:
            raise BadQuery(f"the search is nested deeper than {DEPTH_MAX}")
        if isinstance(item, UnknownOperation) and (found := _other_language(item)) is not None:
            raise self._at(*found)
        if isinstance(item, UnknownOperation | AndOperation):
            return "(" + " AND ".join(self.node(child, depth + 1, target) for child in item.children) + ")"
        if isinstance(item, OrOperation):
            return "(" + " OR ".join(self.node(child, depth + 1, target) for child in item.children) + ")"
        if isinstance(item, Not | Prohibit):
            return f"NOT {self.node(item.children[0], depth + 1, target)}"
        if isinstance(item, Boost | Fuzzy | Proximity):
            sign = "^" if isinstance(item, Boost) else "~"
            raise BadQuery(f"{item}: {sign} has no meaning here; put text that has it into quotes", expected=_EXPECTED)
        if isinstance(item, Plus | Group | FieldGroup):
            return self.node(item.children[0], depth + 1, target)
        if isinstance(item, SearchField):
            return self._field(item, depth)
        return self._term(item, target)

    def _at(self, item: Item, error: BadQuery) -> BadQuery:
        column = self._columns[item.pos] + 1
        return BadQuery(f"column {column}: {error.message}", column=column, expected=error.expected)

    def _field(self, item: SearchField, depth: int) -> str:
        inner = item.children[0]
        name = _unescape(item.name)
        if name == "*" and isinstance(inner, Word) and inner.value == "*":
            return "1"
        if name.startswith("!"):
            raise BadQuery(f"{name}: expected -{name[1:]} for everything else", expected=[f"-{name[1:]}:value"])
        if isinstance(inner, SearchField):  # a:b:c is the value "b:c"
            inner = Word(f"{inner.name}:{inner.children[0]}")
        if isinstance(inner, Prohibit) and isinstance(inner.children[0], Word):  # x:-5 is a negative number
            inner = Word(f"-{inner.children[0].value}")
        return self.node(inner, depth + 1, self._schema.field(name, self._bind))

    def _term(self, item: Item, target: Field | None) -> str:
        self._terms += 1
        if self._terms > TERMS_MAX:
            raise BadQuery(f"the search has more than {TERMS_MAX} terms")
        if isinstance(item, Word):
            _require_plain(item, target)
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
        if target.values:
            raise target.unknown(operator + text)
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
            pattern = re.sub(r"([%_\\])", r"\\\1", target.stored(text)).replace("*", "%").replace("?", "_")
            return f"({target.text} LIKE {self._bind(pattern)})"
        if target.kind is Kind.TEXT:
            return contains(target.text, text, self._bind)
        return target.equals(text, self._bind)

    def _bind(self, value: str | float) -> str:
        return bind(self.params, value)


def _other_language(item: UnknownOperation) -> tuple[Item, BadQuery] | None:
    """The `&&` of `a && b`, or an `and` beside a field; between words it is a word."""
    for index, child in enumerate(item.children):
        meant = _OTHER_LANGUAGES.get(child.value) if isinstance(child, Word) else None
        beside = item.children[max(index - 1, 0) : index + 2]
        if meant and (not child.value.isalpha() or any(isinstance(one, SearchField) for one in beside)):
            said = f"{child.value}: expected {meant}; as a word to find it goes into quotes"
            return child, BadQuery(said, expected=[meant])
    return None


def _require_plain(word: Word, target: Field | None) -> None:
    """Raises BadQuery for `!word`, `field:=value` and `field:!=value`."""
    match = _SIGNS.fullmatch(word.value)
    if match is None or (target is None and match[1] != "!"):
        return
    name = f"{target.name}:" if target else ""
    meant = f"{'-' if '!' in match[1] else ''}{name}{match[2]}"
    raise BadQuery(f"{name}{word.value}: expected {meant}; text that has the sign goes into quotes", expected=[meant])


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
