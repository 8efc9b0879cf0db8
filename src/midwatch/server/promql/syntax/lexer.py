"""Text to tokens; what a character means depends on whether braces or brackets are open."""

import re
from dataclasses import dataclass
from enum import StrEnum

from midwatch.server.promql.errors import ParseError
from midwatch.server.promql.syntax.ast import AGGREGATIONS, Span
from midwatch.server.promql.syntax.text import unquote

QUERY_CHARACTERS_MAX = 1_000_000
"""A query longer than this is refused unread."""


class Kind(StrEnum):
    IDENTIFIER = "identifier"
    METRIC = "metric identifier"
    """A name with a colon: a metric, never a label."""
    KEYWORD = "keyword"
    NUMBER = "number"
    DURATION = "duration"
    STRING = "string"
    SYMBOL = "symbol"
    END = "end of input"


KEYWORDS = AGGREGATIONS | frozenset(
    [
        "and",
        "or",
        "unless",
        "atan2",
        "offset",
        "smoothed",
        "anchored",
        "by",
        "without",
        "on",
        "ignoring",
        "group_left",
        "group_right",
        "fill",
        "fill_left",
        "fill_right",
        "bool",
        "start",
        "end",
        "step",
        "range",
        "max_of",
        "min_of",
    ]
)
_FILLS = frozenset({"fill", "fill_left", "fill_right"})
_DURATION_WORDS = frozenset({"step", "range", "max_of", "min_of"})

_SPACE = re.compile(r"(?:[ \t\r\n]|\#[^\r\n]*)+")
_WORD = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(
    r"0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*"
    r"|(?:[0-9]+(?:_[0-9]+)*(?:\.(?:[0-9]+(?:_[0-9]+)*)?)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][+-]?[0-9]+(?:_[0-9]+)*)?"
)
_DURATION = re.compile(r"(?:[0-9]+(?:ms|[smhdwy]))+")
_STRING = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`[^`]*`", re.DOTALL)
_SYMBOLS = re.compile(r"==|!=|<=|</|>=|>/|<|>|[-+*/%^(){}\[\],@=]")
_BRACE_SYMBOLS = re.compile(r"=~|!~|!=|=|,|\}")
_BRACKET_SYMBOLS = re.compile(r"[-+*/%^():,\]]")
_WORD_CHARACTER = re.compile(r"[A-Za-z0-9_]")


@dataclass(frozen=True, slots=True)
class Token:
    """`text` as it stands in the query; `word` of keywords in lower case, of strings their value."""

    kind: Kind
    text: str
    word: str
    span: Span

    def describe(self) -> str:
        """As a message names it."""
        match self.kind:
            case Kind.END:
                return "end of input"
            case Kind.KEYWORD | Kind.SYMBOL:
                return f'"{self.text}"'
            case Kind.STRING:
                return f"string {self.text}"
            case _:
                return f'{self.kind.value} "{self.text}"'


def position(query: str, at: int) -> tuple[int, int]:
    """Line and column, from 1."""
    return query.count("\n", 0, at) + 1, at - query.rfind("\n", 0, at)


def refuse(query: str, span: Span, message: str, *, expected: str = "") -> ParseError:
    line, column = position(query, span.start)
    return ParseError(message, line=line, column=column, start=span.start, end=span.end, expected=expected)


def tokenize(query: str) -> list[Token]:
    """All tokens, the last of them the end of input.

    Raises:
        ParseError: a character that can stand nowhere, a string without end, brackets that are not closed.
    """
    if len(query) > QUERY_CHARACTERS_MAX:
        raise refuse(query, Span(0, 0), f"query of {len(query)} characters: expected at most {QUERY_CHARACTERS_MAX}")
    return _Lexer(query).run()


class _Lexer:
    def __init__(self, query: str) -> None:
        self.query = query
        self.at = 0
        self.tokens: list[Token] = []
        self.parens: list[int] = []
        self.brace: int | None = None
        self.bracket: int | None = None

    def run(self) -> list[Token]:
        while True:
            if match := _SPACE.match(self.query, self.at):
                self.at = match.end()
            if self.at >= len(self.query):
                break
            self._next()
        self._check_closed()
        end = len(self.query)
        self.tokens.append(Token(Kind.END, "", "", Span(end, end)))
        return self.tokens

    def _check_closed(self) -> None:
        end = Span(len(self.query), len(self.query))
        if self.brace is not None:
            raise refuse(self.query, end, "unexpected end of input inside braces", expected="}")
        if self.bracket is not None:
            raise refuse(self.query, end, "unclosed left bracket", expected="]")
        if self.parens:
            raise refuse(self.query, end, "unclosed left parenthesis", expected=")")

    def _next(self) -> None:
        character = self.query[self.at]
        if character in "\"'`":
            self._string(character)
        elif self.brace is not None:
            self._in_braces(character)
        elif character.isdigit() or (character == "." and self.query[self.at + 1 : self.at + 2].isdigit()):
            self._number()
        elif self.bracket is not None:
            self._in_brackets(character)
        elif match := _WORD.match(self.query, self.at):
            self._word(match[0])
        elif match := _SYMBOLS.match(self.query, self.at):
            self._symbol(match[0])
        else:
            raise self._unexpected(character, "")

    def _unexpected(self, character: str, where: str, expected: str = "") -> ParseError:
        message = f"unexpected character{where}: '{character}'" + (f", expected {expected}" if expected else "")
        return refuse(self.query, Span(self.at, self.at + 1), message, expected=expected)

    def _emit(self, kind: Kind, text: str, word: str | None = None) -> None:
        end = self.at + len(text)
        self.tokens.append(Token(kind, text, text if word is None else word, Span(self.at, end)))
        self.at = end

    def _string(self, quote: str) -> None:
        match = _STRING.match(self.query, self.at)
        rest = Span(self.at, len(self.query))
        if match is None:
            what = "raw string" if quote == "`" else "quoted string"
            raise refuse(self.query, rest, f"unterminated {what}", expected=quote)
        try:
            value = unquote(match[0])
        except ValueError as problem:
            raise refuse(self.query, rest, str(problem)) from None
        self._emit(Kind.STRING, match[0], value)

    def _number(self) -> None:
        for kind, pattern in ((Kind.DURATION, _DURATION), (Kind.NUMBER, _NUMBER)):
            match = pattern.match(self.query, self.at)
            if match is not None and not _WORD_CHARACTER.match(self.query, match.end()):
                self._emit(kind, match[0])
                return
        bad = re.compile(r"[A-Za-z0-9_.]+").match(self.query, self.at)
        text = bad[0] if bad else self.query[self.at]
        span = Span(self.at, self.at + len(text))
        raise refuse(self.query, span, f'bad number or duration syntax: "{text}"', expected="number or duration")

    def _word(self, text: str) -> None:
        lower = text.lower()
        if lower in ("inf", "nan"):
            self._emit(Kind.NUMBER, text)
        elif lower in KEYWORDS and (lower not in _FILLS or self._paren_follows(len(text))):
            self._emit(Kind.KEYWORD, text, lower)
        else:
            self._emit(Kind.METRIC if ":" in text else Kind.IDENTIFIER, text)

    def _paren_follows(self, length: int) -> bool:
        return self.query[self.at + length :].lstrip(" \t\r\n").startswith("(")

    def _in_braces(self, character: str) -> None:
        if match := _LABEL.match(self.query, self.at):
            self._emit(Kind.IDENTIFIER, match[0])
        elif match := _BRACE_SYMBOLS.match(self.query, self.at):
            if match[0] == "}":
                self.brace = None
            self._emit(Kind.SYMBOL, match[0])
        else:
            raise self._unexpected(character, " inside braces")

    def _in_brackets(self, character: str) -> None:
        if match := _LABEL.match(self.query, self.at):
            if match[0].lower() not in _DURATION_WORDS:
                raise self._unexpected(character, " in duration expression", "number, duration, step(), or range()")
            self._emit(Kind.KEYWORD, match[0], match[0].lower())
        elif match := _BRACKET_SYMBOLS.match(self.query, self.at):
            self._symbol(match[0])
        else:
            raise self._unexpected(character, " in duration expression")

    def _symbol(self, text: str) -> None:
        here = Span(self.at, self.at + 1)
        match text:
            case "{":
                self.brace = self.at
            case "[":
                self.bracket = self.at
            case "]":
                if self.bracket is None:
                    raise refuse(self.query, here, "unexpected right bracket ']'")
                self.bracket = None
            case "(":
                self.parens.append(self.at)
            case ")":
                if not self.parens:
                    raise refuse(self.query, here, "unexpected right parenthesis ')'")
                self.parens.pop()
            case "}":
                raise self._unexpected("}", "")
        self._emit(Kind.SYMBOL, text)
