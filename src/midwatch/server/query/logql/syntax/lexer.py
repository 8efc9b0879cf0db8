"""Text to tokens. What a word means depends on where it stands, so every word is an identifier here."""

import re

from midwatch.server.promql.syntax.ast import Span
from midwatch.server.promql.syntax.cursor import Cursor
from midwatch.server.promql.syntax.lexer import Kind, Token, refuse
from midwatch.server.promql.syntax.options import ParserOptions
from midwatch.server.promql.syntax.text import parse_number, unquote

QUERY_CHARACTERS_MAX = 20_000
"""A query longer than this is refused unread."""
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)+")
_STRING = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|`[^`]*`", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MEASURE = re.compile(r"[0-9][0-9.]*[A-Za-zµ](?:[0-9.]*[A-Za-zµ]+)*")
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![A-Za-zµ0-9_.])|0[xX][0-9a-fA-F]+")
_SYMBOL = re.compile(r"\|=|\|~|\|>|!=|!~|!>|=~|==|>=|<=|--[a-z][a-z-]*|[-|=<>(){}\[\],+*/%^]")


class LogCursor(Cursor):
    """PromQL's cursor over LogQL's tokens."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.options = ParserOptions()
        self._tokens = tokenize(query)
        self._at = 0
        self._depth = 0

    def at_word(self, *words: str) -> bool:
        return self.token.kind is Kind.IDENTIFIER and self.token.text.lower() in words

    def take_word(self, *words: str) -> bool:
        """Step over the word where it stands here."""
        if self.at_word(*words):
            self.take()
            return True
        return False

    def number(self, token: Token) -> float:
        """What a number's token says.

        Raises:
            ParseError: it is out of range.
        """
        try:
            return parse_number(token.text)
        except ValueError as problem:
            raise self.refuse(token.span, str(problem)) from None

    def name(self, where: str) -> Token:
        if self.token.kind is not Kind.IDENTIFIER:
            raise self.unexpected(where, "label name")
        return self.take()

    def text(self, where: str) -> Token:
        if self.token.kind is not Kind.STRING:
            raise self.unexpected(where, "string")
        return self.take()


def tokenize(query: str) -> list[Token]:
    """All tokens, the last of them the end of input.

    Raises:
        ParseError: a character that can stand nowhere, or a string without end.
    """
    if len(query) > QUERY_CHARACTERS_MAX:
        raise refuse(query, Span(0, 0), f"query of {len(query)} characters: expected at most {QUERY_CHARACTERS_MAX}")
    tokens, at = [], 0
    while at < len(query):
        if space := _SPACE.match(query, at):
            at = space.end()
            continue
        token = _token(query, at)
        tokens.append(token)
        at = token.span.end
    end = len(query)
    return [*tokens, Token(Kind.END, "", "", Span(end, end))]


def _token(query: str, at: int) -> Token:
    if query[at] in '"`':
        return _string(query, at)
    for kind, pattern in (
        (Kind.IDENTIFIER, _WORD),
        (Kind.NUMBER, _NUMBER),
        (Kind.DURATION, _MEASURE),
        (Kind.SYMBOL, _SYMBOL),
    ):
        if found := pattern.match(query, at):
            is_number = found[0].lower() in ("inf", "nan")
            return Token(Kind.NUMBER if is_number else kind, found[0], found[0], Span(at, found.end()))
    raise refuse(query, Span(at, at + 1), f"unexpected character: {query[at]!r}")


def _string(query: str, at: int) -> Token:
    found = _STRING.match(query, at)
    rest = Span(at, len(query))
    if found is None:
        raise refuse(query, rest, "literal not terminated", expected=query[at])
    try:
        return Token(Kind.STRING, found[0], unquote(found[0]), Span(at, found.end()))
    except ValueError as problem:
        raise refuse(query, rest, str(problem)) from None
