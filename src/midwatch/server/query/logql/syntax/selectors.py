"""Stream selectors: `{app="shop", env=~"prod|staging"}`."""

from midwatch.server.promql.matchers import Matcher, matcher
from midwatch.server.promql.syntax.lexer import Token
from midwatch.server.query.logql.syntax.lexer import LogCursor

MATCHERS_MAX = 64
_OPERATORS = ("=", "!=", "=~", "!~")


def stream_selector(cursor: LogCursor) -> tuple[Matcher, ...]:
    cursor.expect_symbol("{", "stream selector")
    found: list[Matcher] = []
    while not cursor.take_symbol("}"):
        name = cursor.name("stream selector")
        found.append(text_matcher(cursor, name, "stream selector"))
        if len(found) > MATCHERS_MAX:
            raise cursor.refuse(name.span, f"stream selector with more than {MATCHERS_MAX} matchers")
        if not cursor.take_symbol(",") and not cursor.at_symbol("}"):
            raise cursor.unexpected("stream selector", '"," or "}"')
    return tuple(found)


def text_matcher(cursor: LogCursor, name: Token, where: str) -> Matcher:
    """Operator and text behind a name."""
    if not cursor.at_symbol(*_OPERATORS):
        raise cursor.unexpected(where, "one of = != =~ !~")
    operator = cursor.take().text
    value = cursor.text(where)
    try:
        return matcher(name.text, operator, value.word)
    except ValueError as problem:
        raise cursor.refuse(value.span, f"error parsing regexp: {problem}") from None
