"""Walking over the tokens of a query, and saying what was expected where it cannot go on."""

from midwatch.server.promql.errors import ParseError
from midwatch.server.promql.syntax.ast import Span
from midwatch.server.promql.syntax.lexer import Kind, Token, refuse, tokenize
from midwatch.server.promql.syntax.options import ParserOptions

DEPTH_MAX = 200
"""How deep parentheses, calls, signs and operators may nest."""


class Cursor:
    def __init__(self, query: str, options: ParserOptions) -> None:
        self.query = query
        self.options = options
        self._tokens = tokenize(query)
        self._at = 0
        self._depth = 0

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    @property
    def following(self) -> Token:
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    @property
    def last_end(self) -> int:
        """Where the token before this one ended."""
        return self._tokens[self._at - 1].span.end if self._at else 0

    def take(self) -> Token:
        token = self._tokens[self._at]
        if token.kind is not Kind.END:
            self._at += 1
        return token

    def ended(self) -> bool:
        return self.token.kind is Kind.END

    def at_symbol(self, *texts: str) -> bool:
        return self.token.kind is Kind.SYMBOL and self.token.text in texts

    def at_keyword(self, *words: str) -> bool:
        return self.token.kind is Kind.KEYWORD and self.token.word in words

    def take_symbol(self, text: str) -> bool:
        """Step over the symbol where it stands here."""
        if self.at_symbol(text):
            self.take()
            return True
        return False

    def expect_symbol(self, text: str, where: str) -> Token:
        if not self.at_symbol(text):
            raise self.unexpected(where, f'"{text}"')
        return self.take()

    def unexpected(self, where: str, expected: str) -> ParseError:
        message = f"unexpected {self.token.describe()}"
        message += f" in {where}" if where else ""
        message += f", expected {expected}" if expected else ""
        return refuse(self.query, self.token.span, message, expected=expected)

    def refuse(self, span: Span, message: str) -> ParseError:
        return refuse(self.query, span, message)

    def deeper(self) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise self.refuse(self.token.span, f"nesting deeper than {DEPTH_MAX}")

    def shallower(self) -> None:
        self._depth -= 1
