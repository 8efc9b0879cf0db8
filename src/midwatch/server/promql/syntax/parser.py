"""Tokens to a tree, by precedence climbing; what the tree's types say is checked afterwards (check.py)."""

from dataclasses import replace

from midwatch.server.promql.labels import is_label_name
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.syntax.ast import (
    AGGREGATIONS,
    EXPERIMENTAL_AGGREGATIONS,
    PARAMETER_AGGREGATIONS,
    SETS,
    Aggregate,
    Binary,
    Call,
    Cardinality,
    Expr,
    Matching,
    NumberLiteral,
    Paren,
    Span,
    StringLiteral,
    Unary,
    VectorSelector,
)
from midwatch.server.promql.syntax.check import check
from midwatch.server.promql.syntax.cursor import Cursor
from midwatch.server.promql.syntax.durations import at_number, number_or_duration
from midwatch.server.promql.syntax.lexer import Kind, Token
from midwatch.server.promql.syntax.options import ParserOptions
from midwatch.server.promql.syntax.selectors import postfix, vector_selector
from midwatch.server.promql.syntax.signatures import FUNCTIONS

_PRECEDENCE = {
    "or": 1,
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(("==", "!=", "<=", "<", ">=", ">", "</", ">/"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%", "atan2"), 5),
    "^": 6,
}
_SIGN = 5
"""A sign binds like a product, so that -1 ^ 2 is -(1 ^ 2)."""
_NO_METRIC = frozenset({"bool", "group_left", "group_right", "ignoring", "on", "atan2"})
"""Keywords that cannot be a metric's name without braces."""
_CONTEXT_FUNCTIONS = frozenset({"start", "end", "step", "range", "max_of", "min_of"})


def parse(query: str, options: ParserOptions | None = None) -> Expr:
    """Read a query and check its types.

    Raises:
        ParseError: with the line, the column and what was expected there.
    """
    cursor = Cursor(query, options or ParserOptions())
    if cursor.ended():
        raise cursor.refuse(Span(0, 0), "no expression found in input")
    expr = _expression(cursor, 0)
    if not cursor.ended():
        raise cursor.unexpected("", "operator or end of input")
    return check(expr, query)


def parse_selector(query: str) -> VectorSelector:
    """Read a series selector alone, as `match[]` has them.

    Raises:
        ParseError: it is none.
    """
    cursor = Cursor(query, ParserOptions())
    if not cursor.at_symbol("{") and not _is_metric(cursor.token):
        raise cursor.unexpected("", "metric name or label matchers")
    selector = vector_selector(cursor)
    if not cursor.ended():
        raise cursor.unexpected("", "end of input")
    checked = check(selector, query)
    assert isinstance(checked, VectorSelector)
    return checked


def parse_matchers(query: str) -> tuple[Matcher, ...]:
    """Read matchers in braces that go to selectors beside their own, so that they may all fit nothing, too.

    Raises:
        ParseError: it is none.
    """
    cursor = Cursor(query, ParserOptions())
    if not cursor.at_symbol("{"):
        raise cursor.unexpected("", "label matchers in braces")
    selector = vector_selector(cursor)
    if not cursor.ended():
        raise cursor.unexpected("", "end of input")
    return selector.matchers


def _operator(token: Token) -> str:
    return token.word if token.kind in (Kind.SYMBOL, Kind.KEYWORD) else ""


def _expression(cursor: Cursor, minimum: int) -> Expr:
    cursor.deeper()
    left = _operand(cursor)
    while _PRECEDENCE.get(_operator(cursor.token), 0) > minimum:
        operator = _operator(cursor.take())
        matching, return_bool = _matching(cursor, operator)
        own = _PRECEDENCE[operator]
        right = _expression(cursor, own - 1 if operator == "^" else own)
        span = left.span.to(right.span)
        left = Binary(operator, left, right, span, matching, return_bool)
        has_fill = matching.fill_left is not None or matching.fill_right is not None
        if has_fill and not cursor.options.binop_fill_modifiers:
            raise cursor.refuse(span, "binop fill modifiers are experimental and not enabled")
    cursor.shallower()
    return left


def _operand(cursor: Cursor) -> Expr:
    if cursor.at_symbol("+", "-"):
        sign = cursor.take()
        operand = _expression(cursor, _SIGN)
        span = sign.span.to(operand.span)
        if isinstance(operand, NumberLiteral):
            return replace(operand, value=-operand.value if sign.text == "-" else operand.value, span=span)
        return Unary(sign.text, operand, span)
    return postfix(cursor, _primary(cursor))


def _primary(cursor: Cursor) -> Expr:  # noqa: PLR0911 - one line a kind
    token = cursor.token
    if at_number(cursor):
        return number_or_duration(cursor)
    if token.kind is Kind.STRING:
        cursor.take()
        return StringLiteral(token.word, token.span)
    if cursor.take_symbol("("):
        inner = _expression(cursor, 0)
        end = cursor.expect_symbol(")", "parentheses")
        return Paren(inner, token.span.to(end.span))
    if cursor.at_symbol("{"):
        return vector_selector(cursor)
    if token.kind is Kind.KEYWORD and token.word in AGGREGATIONS and _starts_aggregate(cursor):
        return _aggregate(cursor)
    calls = token.kind is Kind.IDENTIFIER or (token.kind is Kind.KEYWORD and token.word in _CONTEXT_FUNCTIONS)
    if calls and cursor.following.text == "(":
        return _call(cursor)
    if _is_metric(token):
        return vector_selector(cursor)
    raise cursor.unexpected("", "number, string, metric, function, aggregation, sign, or parentheses")


def _is_metric(token: Token) -> bool:
    named = token.kind in (Kind.IDENTIFIER, Kind.METRIC)
    return named or (token.kind is Kind.KEYWORD and token.word not in _NO_METRIC)


def _starts_aggregate(cursor: Cursor) -> bool:
    following = cursor.following
    return following.text == "(" or (following.kind is Kind.KEYWORD and following.word in ("by", "without"))


def _call(cursor: Cursor) -> Expr:
    name = cursor.take()
    signature = FUNCTIONS.get(name.text)
    if signature is None:
        raise cursor.refuse(name.span, f'unknown function with name "{name.text}"')
    if signature.experimental and not cursor.options.experimental_functions:
        raise cursor.refuse(name.span, f'function "{name.text}" is not enabled')
    arguments = _arguments(cursor)
    return Call(signature, arguments, Span(name.span.start, cursor.last_end))


def _arguments(cursor: Cursor) -> tuple[Expr, ...]:
    cursor.expect_symbol("(", "call")
    if cursor.take_symbol(")"):
        return ()
    arguments = [_expression(cursor, 0)]
    while cursor.at_symbol(","):
        comma = cursor.take()
        if cursor.at_symbol(")"):
            raise cursor.refuse(comma.span, "trailing commas not allowed in function call args")
        arguments.append(_expression(cursor, 0))
    if not cursor.at_symbol(")"):
        raise cursor.unexpected("call", '"," or ")"')
    cursor.take()
    return tuple(arguments)


def _aggregate(cursor: Cursor) -> Expr:
    operator = cursor.take()
    grouping = _grouping(cursor)
    arguments = _arguments(cursor)
    if grouping is None:
        grouping = _grouping(cursor)
    span = Span(operator.span.start, cursor.last_end)
    if not arguments:
        raise cursor.refuse(span, "no arguments for aggregate expression provided")
    word = operator.word
    if word in EXPERIMENTAL_AGGREGATIONS and not cursor.options.experimental_functions:
        flag = "--enable-feature=promql-experimental-functions"
        raise cursor.refuse(span, f"{word}() is experimental and must be enabled with {flag}")
    wanted = 2 if word in PARAMETER_AGGREGATIONS else 1
    if len(arguments) != wanted:
        given = f"expected {wanted}, got {len(arguments)}"
        raise cursor.refuse(span, f"wrong number of arguments for aggregate expression provided, {given}")
    names, without = grouping or ((), False)
    return Aggregate(word, arguments[-1], span, arguments[0] if wanted == 2 else None, names, without)


def _grouping(cursor: Cursor) -> tuple[tuple[str, ...], bool] | None:
    if not cursor.at_keyword("by", "without"):
        return None
    without = cursor.take().word == "without"
    return _label_names(cursor), without


def _label_names(cursor: Cursor) -> tuple[str, ...]:
    if not cursor.at_symbol("("):
        raise cursor.unexpected("grouping opts", '"("')
    cursor.take()
    names: list[str] = []
    while not cursor.take_symbol(")"):
        token = cursor.token
        if token.kind not in (Kind.IDENTIFIER, Kind.METRIC, Kind.KEYWORD, Kind.STRING):
            raise cursor.unexpected("grouping opts", "label")
        cursor.take()
        name = token.word if token.kind is Kind.STRING else token.text
        if not is_label_name(name):
            raise cursor.refuse(token.span, f'invalid label name for grouping: "{name}"')
        names.append(name)
        if not cursor.take_symbol(",") and not cursor.at_symbol(")"):
            raise cursor.unexpected("grouping opts", '"," or ")"')
    return tuple(names)


def _matching(cursor: Cursor, operator: str) -> tuple[Matching, bool]:
    return_bool = cursor.at_keyword("bool")
    if return_bool:
        cursor.take()
    matching = Matching()
    if cursor.at_keyword("on", "ignoring"):
        on = cursor.take().word == "on"
        matching = Matching(labels=_label_names(cursor), on=on)
        if cursor.at_keyword("group_left", "group_right"):
            left = cursor.take().word == "group_left"
            cardinality = Cardinality.MANY_TO_ONE if left else Cardinality.ONE_TO_MANY
            include = _label_names(cursor) if cursor.at_symbol("(") else ()
            matching = replace(matching, cardinality=cardinality, include=include)
    matching = _fills(cursor, matching)
    if operator in SETS and matching.cardinality is Cardinality.ONE_TO_ONE:
        matching = replace(matching, cardinality=Cardinality.MANY_TO_MANY)
    return matching, return_bool


def _fills(cursor: Cursor, matching: Matching) -> Matching:
    if cursor.at_keyword("fill"):
        cursor.take()
        value = _fill_value(cursor)
        return replace(matching, fill_left=value, fill_right=value)
    seen: set[str] = set()
    while cursor.at_keyword("fill_left", "fill_right") and cursor.token.word not in seen:
        word = cursor.take().word
        seen.add(word)
        value = _fill_value(cursor)
        matching = replace(matching, fill_left=value) if word == "fill_left" else replace(matching, fill_right=value)
    return matching


def _fill_value(cursor: Cursor) -> float:
    cursor.expect_symbol("(", "fill value")
    sign = -1.0 if cursor.at_symbol("-") else 1.0
    if cursor.at_symbol("+", "-"):
        cursor.take()
    if not at_number(cursor):
        raise cursor.unexpected("fill value", "number")
    value = sign * number_or_duration(cursor).value
    cursor.expect_symbol(")", "fill value")
    return value
