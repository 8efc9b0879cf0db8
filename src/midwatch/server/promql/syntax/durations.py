"""Durations in brackets and after `offset`: literals, and arithmetic over them where the flag is set."""

from dataclasses import replace

from midwatch.server.promql.errors import ParameterError
from midwatch.server.promql.syntax.ast import Duration, DurationExpr, NumberLiteral, Span
from midwatch.server.promql.syntax.cursor import Cursor
from midwatch.server.promql.syntax.lexer import Kind
from midwatch.server.promql.syntax.text import DURATION_SECONDS_MAX, parse_duration, parse_number

_PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2, "%": 2, "^": 4}
_SIGN = 3
"""A sign binds like a product: looser than a power."""
_EXPECTED = "number, duration, step(), or range()"


def number_or_duration(cursor: Cursor) -> NumberLiteral:
    token = cursor.take()
    try:
        if token.kind is Kind.DURATION:
            return NumberLiteral(parse_duration(token.text) / 1000, token.span, duration=True)
        return NumberLiteral(parse_number(token.text), token.span)
    except (ParameterError, ValueError) as problem:
        raise cursor.refuse(token.span, str(problem)) from None


def at_number(cursor: Cursor) -> bool:
    return cursor.token.kind in (Kind.NUMBER, Kind.DURATION)


def positive_duration(cursor: Cursor) -> Duration:
    """What stands in brackets."""
    duration = _expression(cursor, 0)
    if isinstance(duration, NumberLiteral) and not duration.value > 0:
        raise cursor.refuse(duration.span, "duration must be greater than 0")
    return duration


def offset_duration(cursor: Cursor) -> Duration:
    """What stands after `offset`: one term; only parentheses make it go on over operators.

    So that in `a offset 5m + b` two metrics are added, as ever.
    """
    if cursor.at_symbol("("):
        return _expression(cursor, 0)
    sign = cursor.take() if cursor.at_symbol("+", "-") else None
    if sign is None:
        return _term(cursor)
    return _signed(cursor, sign.text, sign.span, _term(cursor))


def milliseconds(duration: Duration) -> tuple[int, DurationExpr | None]:
    """A literal's milliseconds; or 0 and the expression, which only a query's start, end and step give a value."""
    if isinstance(duration, NumberLiteral):
        nanoseconds = round(duration.value * 1e9)
        whole = abs(nanoseconds) // 1_000_000
        return (whole if nanoseconds >= 0 else -whole), None
    return 0, duration


def _expression(cursor: Cursor, minimum: int) -> Duration:
    cursor.deeper()
    left = _operand(cursor)
    while cursor.token.kind is Kind.SYMBOL and _PRECEDENCE.get(cursor.token.text, 0) > minimum:
        operator = cursor.take()
        _check_enabled(cursor, left.span)
        own = _PRECEDENCE[operator.text]
        right = _expression(cursor, own - 1 if operator.text == "^" else own)
        if operator.text in "/%" and isinstance(right, NumberLiteral) and right.value == 0:
            what = "division" if operator.text == "/" else "modulo"
            raise cursor.refuse(operator.span, f"{what} by zero")
        left = DurationExpr(operator.text, left, right, left.span.to(right.span))
    cursor.shallower()
    return left


def _operand(cursor: Cursor) -> Duration:
    if cursor.at_symbol("+", "-"):
        sign = cursor.take()
        return _signed(cursor, sign.text, sign.span, _expression(cursor, _SIGN))
    return _term(cursor)


def _signed(cursor: Cursor, sign: str, span: Span, operand: Duration) -> Duration:
    whole = span.to(operand.span)
    if isinstance(operand, NumberLiteral):
        value = -operand.value if sign == "-" else operand.value
        return replace(operand, value=value, span=whole)
    return DurationExpr("-", None, operand, whole) if sign == "-" else operand


def _term(cursor: Cursor) -> Duration:
    if at_number(cursor):
        literal = number_or_duration(cursor)
        if not abs(literal.value) <= DURATION_SECONDS_MAX:
            raise cursor.refuse(literal.span, "duration out of range")
        return literal
    start = cursor.token
    if cursor.at_keyword("step", "range"):
        cursor.take()
        cursor.expect_symbol("(", "duration expression")
        end = cursor.expect_symbol(")", "duration expression")
        whole = start.span.to(end.span)
        _check_enabled(cursor, whole)
        return DurationExpr(start.word, None, None, whole)
    if cursor.at_keyword("max_of", "min_of"):
        cursor.take()
        cursor.expect_symbol("(", "duration expression")
        left = _expression(cursor, 0)
        cursor.expect_symbol(",", "duration expression")
        right = _expression(cursor, 0)
        end = cursor.expect_symbol(")", "duration expression")
        whole = start.span.to(end.span)
        _check_enabled(cursor, whole)
        return DurationExpr(start.word, left, right, whole)
    if cursor.take_symbol("("):
        inner = _expression(cursor, 0)
        end = cursor.expect_symbol(")", "duration expression")
        _check_enabled(cursor, inner.span)
        whole = start.span.to(end.span)
        if isinstance(inner, DurationExpr):
            return replace(inner, wrapped=True, span=whole)
        return DurationExpr("+", None, inner, whole, wrapped=True)
    raise cursor.unexpected("duration", _EXPECTED)


def _check_enabled(cursor: Cursor, span: Span) -> None:
    if not cursor.options.duration_expr:
        raise cursor.refuse(span, "experimental duration expression is not enabled")
