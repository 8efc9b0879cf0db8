"""Label filters: `status >= 500 and (took > 1.5s or size > 20KB)`; `or` binds loosest, a comma or a space is `and`."""

import ipaddress

from midwatch.server.promql.matchers import matcher
from midwatch.server.promql.syntax.lexer import Kind, Token
from midwatch.server.query.logql.syntax.ast import CompareNumber, CompareText, InNetwork, Junction, LabelFilter
from midwatch.server.query.logql.syntax.lexer import LogCursor
from midwatch.server.query.logql.syntax.units import bytes_of, seconds_of

_COMPARISONS = ("=", "==", "!=", "=~", "!~", ">", ">=", "<", "<=")
_WHERE = "label filter"
TERMS_MAX = 100


def label_filter(cursor: LogCursor) -> LabelFilter:
    cursor.deeper()
    left, terms = _conjunction(cursor), 1
    while cursor.take_word("or"):
        left, terms = Junction("or", left, _conjunction(cursor)), terms + 1
        _check_terms(cursor, terms)
    cursor.shallower()
    return left


def _conjunction(cursor: LogCursor) -> LabelFilter:
    left, terms = _one(cursor), 1
    while cursor.take_symbol(",") or cursor.take_word("and") or _another(cursor):
        left, terms = Junction("and", left, _one(cursor)), terms + 1
        _check_terms(cursor, terms)
    return left


def _check_terms(cursor: LogCursor, terms: int) -> None:
    if terms > TERMS_MAX:
        raise cursor.refuse(cursor.token.span, f"label filter of more than {TERMS_MAX} terms")


def _another(cursor: LogCursor) -> bool:
    """Filters may stand side by side."""
    named = cursor.token.kind is Kind.IDENTIFIER and not cursor.at_word("or", "offset")
    return named or cursor.at_symbol("(")


def _one(cursor: LogCursor) -> LabelFilter:
    if cursor.take_symbol("("):
        inner = label_filter(cursor)
        cursor.expect_symbol(")", _WHERE)
        return inner
    name = cursor.name(_WHERE)
    if not cursor.at_symbol(*_COMPARISONS):
        raise cursor.unexpected(_WHERE, "one of " + " ".join(_COMPARISONS))
    operator = cursor.take().text
    if cursor.token.kind is Kind.STRING:
        return _text(cursor, name, operator)
    if cursor.at_word("ip"):
        return InNetwork(name.text, network(cursor), operator == "!=", name.span.to(cursor.token.span))
    return _number(cursor, name, operator)


def _text(cursor: LogCursor, name: Token, operator: str) -> LabelFilter:
    value = cursor.take()
    if operator not in ("=", "==", "!=", "=~", "!~"):
        raise cursor.refuse(value.span, f"{name.text} {operator} {value.text}: expected a number, a duration or bytes")
    try:
        return CompareText(matcher(name.text, operator.replace("==", "="), value.word), name.span.to(value.span))
    except ValueError as problem:
        raise cursor.refuse(value.span, f"error parsing regexp: {problem}") from None


def _number(cursor: LogCursor, name: Token, operator: str) -> LabelFilter:
    sign = -1.0 if cursor.at_symbol("-") else 1.0
    if cursor.at_symbol("-", "+"):
        cursor.take()
    token = cursor.token
    if token.kind not in (Kind.NUMBER, Kind.DURATION) or operator in ("=~", "!~"):
        raise cursor.unexpected(_WHERE, "string" if operator in ("=~", "!~") else "string, number, duration or bytes")
    cursor.take()
    readings = {"number": None, "duration": seconds_of(token.text), "bytes": bytes_of(token.text)}
    if token.kind is Kind.NUMBER:
        readings = {"number": cursor.number(token)}
    for unit, value in readings.items():
        if value is not None:
            return CompareNumber(
                name.text, "=" if operator == "==" else operator, sign * value, unit, name.span.to(token.span)
            )
    raise cursor.refuse(token.span, f"{token.text}: expected a number, a duration (1.5s) or bytes (20KB)")


def network(cursor: LogCursor) -> str:
    """What stands in `ip("…")`: an address or a network."""
    cursor.take()
    cursor.expect_symbol("(", "ip()")
    token = cursor.text("ip()")
    cursor.expect_symbol(")", "ip()")
    try:
        return str(ipaddress.ip_network(token.word, strict=False))
    except ValueError:
        raise cursor.refuse(
            token.span, f"ip({token.text}): expected an address or a network such as 10.0.0.0/8"
        ) from None
