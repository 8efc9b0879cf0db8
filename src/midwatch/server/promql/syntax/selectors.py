"""Vector selectors: a name, braces with matchers, or both; and what may follow: range, offset, @, extension."""

import math
from dataclasses import replace

from midwatch.server.promql.labels import NAME
from midwatch.server.promql.matchers import Matcher, matcher
from midwatch.server.promql.syntax.ast import (
    Duration,
    Edge,
    Expr,
    MatrixSelector,
    Span,
    Subquery,
    VectorSelector,
)
from midwatch.server.promql.syntax.cursor import Cursor
from midwatch.server.promql.syntax.durations import (
    at_number,
    milliseconds,
    number_or_duration,
    offset_duration,
    positive_duration,
)
from midwatch.server.promql.syntax.lexer import Kind

_OPERATORS = ("=", "!=", "=~", "!~")
_NOT_SELECTOR = "must be preceded by an instant vector selector or range vector selector or a subquery"
_INT64_MAX = 9.223372036854775807e18
Selector = VectorSelector | MatrixSelector | Subquery


def vector_selector(cursor: Cursor) -> VectorSelector:
    """At a name or a left brace."""
    start = cursor.token.span
    name = "" if cursor.at_symbol("{") else cursor.take().text
    matchers: list[Matcher] = []
    if cursor.at_symbol("{"):
        matchers = _matchers(cursor)
    if name:
        matchers.append(matcher(NAME, "=", name))
    return VectorSelector(name, tuple(matchers), Span(start.start, cursor.last_end))


def _matchers(cursor: Cursor) -> list[Matcher]:
    cursor.take()
    found: list[Matcher] = []
    while not cursor.take_symbol("}"):
        found.append(_matcher(cursor))
        if not cursor.take_symbol(",") and not cursor.at_symbol("}"):
            raise cursor.unexpected("label matching", '"," or "}"')
    return found


def _matcher(cursor: Cursor) -> Matcher:
    label = cursor.token
    if label.kind not in (Kind.IDENTIFIER, Kind.STRING):
        raise cursor.unexpected("label matching", 'identifier or "}"')
    cursor.take()
    if label.kind is Kind.STRING and cursor.at_symbol(",", "}"):
        return matcher(NAME, "=", label.word)
    if not cursor.at_symbol(*_OPERATORS):
        raise cursor.unexpected("label matching", "label matching operator")
    operator = cursor.take()
    if cursor.token.kind is not Kind.STRING:
        raise cursor.unexpected("label matching", "string")
    value = cursor.take()
    try:
        return matcher(label.word, operator.text, value.word)
    except ValueError as problem:
        raise cursor.refuse(label.span.to(value.span), f"error parsing regexp: {problem}") from None


def postfix(cursor: Cursor, expr: Expr) -> Expr:
    """Everything that may follow an expression and belongs to it."""
    while True:
        if cursor.at_symbol("["):
            expr = _brackets(cursor, expr)
        elif cursor.at_symbol("@"):
            expr = _at(cursor, expr)
        elif cursor.at_keyword("offset"):
            cursor.take()
            expr = _offset(cursor, expr, offset_duration(cursor))
        elif cursor.at_keyword("anchored", "smoothed"):
            expr = _extended(cursor, expr, cursor.take().word)
        else:
            return expr


def _brackets(cursor: Cursor, expr: Expr) -> Expr:
    opening = cursor.take()
    range_ms, range_expr = milliseconds(positive_duration(cursor))
    if cursor.take_symbol(":"):
        step_ms, step_expr = 0, None
        if not cursor.at_symbol("]"):
            step_ms, step_expr = milliseconds(positive_duration(cursor))
        end = cursor.expect_symbol("]", "subquery selector")
        return Subquery(expr, range_ms, step_ms, expr.span.to(end.span), range_expr, step_expr)
    if not cursor.at_symbol("]"):
        raise cursor.unexpected("subquery or range", '":" or "]"')
    end = cursor.take()
    problem = ""
    if not isinstance(expr, VectorSelector):
        problem = "ranges only allowed for vector selectors"
    elif expr.offset_ms or expr.offset_expr is not None:
        problem = "no offset modifiers allowed before range"
    elif expr.at_ms is not None or expr.at_edge is not None:
        problem = "no @ modifiers allowed before range"
    if problem or not isinstance(expr, VectorSelector):
        raise cursor.refuse(opening.span.to(end.span), problem)
    return MatrixSelector(expr, range_ms, expr.span.to(end.span), range_expr)


def _base(expr: Selector) -> VectorSelector | Subquery:
    return expr.selector if isinstance(expr, MatrixSelector) else expr


def _changed(expr: Selector, base: VectorSelector | Subquery, end: int) -> Selector:
    """The selector with its changed base, longer by the modifier."""
    span = Span(expr.span.start, end)
    if isinstance(expr, MatrixSelector):
        assert isinstance(base, VectorSelector)
        return replace(expr, selector=base, span=span)
    return replace(base, span=span)


def _offset(cursor: Cursor, expr: Expr, duration: Duration) -> Expr:
    if not isinstance(expr, VectorSelector | MatrixSelector | Subquery):
        raise cursor.refuse(expr.span, f"offset modifier {_NOT_SELECTOR}")
    base = _base(expr)
    if base.offset_ms or base.offset_expr is not None:
        raise cursor.refuse(expr.span, "offset may not be set multiple times")
    offset_ms, offset_expr = milliseconds(duration)
    return _changed(expr, replace(base, offset_ms=offset_ms, offset_expr=offset_expr), cursor.last_end)


def _at(cursor: Cursor, expr: Expr) -> Expr:
    cursor.take()
    at_ms, edge = _at_time(cursor, expr.span)
    if not isinstance(expr, VectorSelector | MatrixSelector | Subquery):
        raise cursor.refuse(expr.span, f"@ modifier {_NOT_SELECTOR}")
    base = _base(expr)
    if base.at_ms is not None or base.at_edge is not None:
        raise cursor.refuse(expr.span, "@ <timestamp> may not be set multiple times")
    return _changed(expr, replace(base, at_ms=at_ms, at_edge=edge), cursor.last_end)


def _at_time(cursor: Cursor, span: Span) -> tuple[int | None, Edge | None]:
    if cursor.at_keyword("start", "end"):
        edge: Edge = "start" if cursor.take().word == "start" else "end"
        cursor.expect_symbol("(", "@")
        cursor.expect_symbol(")", "@")
        return None, edge
    sign = -1.0 if cursor.at_symbol("-") else 1.0
    if cursor.at_symbol("+", "-"):
        cursor.take()
    if not at_number(cursor):
        raise cursor.unexpected("@", "timestamp")
    seconds = sign * number_or_duration(cursor).value
    if not math.isfinite(seconds) or abs(seconds) >= _INT64_MAX:
        raise cursor.refuse(span, f"timestamp out of bounds for @ modifier: {seconds:f}")
    return round(seconds * 1000), None


def _extended(cursor: Cursor, expr: Expr, word: str) -> Expr:
    if not cursor.options.extended_range_selectors:
        raise cursor.refuse(expr.span, f"{word} modifier is experimental and not enabled")
    if isinstance(expr, Subquery):
        raise cursor.refuse(expr.span, f"{word} modifier is not supported for subqueries")
    if not isinstance(expr, VectorSelector | MatrixSelector):
        raise cursor.refuse(expr.span, f"{word} modifier must follow an instant or range vector selector")
    base = _base(expr)
    assert isinstance(base, VectorSelector)
    base = replace(base, anchored=base.anchored or word == "anchored", smoothed=base.smoothed or word == "smoothed")
    if base.anchored and base.smoothed:
        raise cursor.refuse(expr.span, "anchored and smoothed modifiers cannot be used together")
    return _changed(expr, base, expr.span.end)
