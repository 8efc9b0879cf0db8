"""LogQL to a tree: log queries, and metric queries whose arithmetic is PromQL's (the way: docs/adr/0007-promql.md)."""

from dataclasses import replace

from midwatch.server.promql.labels import NAME
from midwatch.server.promql.matchers import Matcher, MatchType, matcher
from midwatch.server.promql.syntax.ast import (
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
    VectorSelector,
)
from midwatch.server.promql.syntax.check import check
from midwatch.server.promql.syntax.lexer import Kind, Token
from midwatch.server.promql.syntax.signatures import FUNCTIONS
from midwatch.server.query.logql.syntax.ast import LogQuery, MetricQuery, Query, RangeAggregation, leaf
from midwatch.server.query.logql.syntax.lexer import LogCursor
from midwatch.server.query.logql.syntax.ranges import (
    RANGE_FUNCTIONS,
    grouping,
    label_names,
    log_query,
    range_aggregation,
)
from midwatch.server.query.logql.syntax.selectors import stream_selector

AGGREGATIONS = frozenset({"sum", "avg", "min", "max", "count", "stddev", "stdvar", "topk", "bottomk", "approx_topk"})
OPERATORS_MAX = 100
RANGES_MAX = 20
"""Range aggregations of one query; each is a question to the store."""
_PARAMETER = frozenset({"topk", "bottomk", "approx_topk"})
_CALLS = frozenset({"label_replace", "vector", "sort", "sort_desc"})
_PRECEDENCE = {
    "or": 1,
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(("==", "!=", "<=", "<", ">=", ">"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%"), 5),
    "^": 6,
}


def parse(query: str) -> Query:
    """Read a query and check its types.

    Raises:
        ParseError: with the line, the column and what was expected there.
    """
    cursor = LogCursor(query)
    if cursor.ended():
        raise cursor.refuse(Span(0, 0), "no expression found in input")
    if _starts_log_query(cursor):
        found: Query = log_query(cursor)
        if isinstance(found, LogQuery) and found.unwraps:
            raise cursor.refuse(found.span, "unwrap needs a range aggregation around it, such as sum_over_time")
    else:
        reader = _Metrics(cursor)
        expr = reader.expression(0)
        found = MetricQuery(expr, tuple(reader.ranges))
    if not cursor.ended():
        raise cursor.unexpected("", "operator, stage or end of input")
    return replace(found, expr=check(found.expr, query)) if isinstance(found, MetricQuery) else found


def parse_selector(query: str) -> tuple[Matcher, ...]:
    """Read a stream selector alone, as `match[]` has them; a pipeline behind it is not looked at.

    Raises:
        ParseError: it is none.
    """
    cursor = LogCursor(query)
    found = stream_selector(cursor)
    if not cursor.ended() and not cursor.at_symbol("|", "|=", "|~", "|>", "!=", "!~", "!>"):
        raise cursor.unexpected("", "end of input")
    return found


def _starts_log_query(cursor: LogCursor) -> bool:
    rest = cursor.query.lstrip("( \t\r\n")
    return cursor.at_symbol("{") or (cursor.at_symbol("(") and rest.startswith("{"))


class _Metrics:
    """Precedence climbing; each range aggregation becomes a selector that stands for it."""

    def __init__(self, cursor: LogCursor) -> None:
        self.cursor = cursor
        self.ranges: list[RangeAggregation] = []
        self._operators = 0

    def expression(self, minimum: int) -> Expr:
        cursor = self.cursor
        cursor.deeper()
        left = self._operand()
        while _PRECEDENCE.get(_operator(cursor), 0) > minimum:
            operator = _operator(cursor)
            self._operators += 1
            if self._operators > OPERATORS_MAX:
                raise cursor.refuse(cursor.token.span, f"more than {OPERATORS_MAX} operators")
            cursor.take()
            matching, return_bool = self._matching(operator)
            own = _PRECEDENCE[operator]
            right = self.expression(own - 1 if operator == "^" else own)
            left = Binary(operator, left, right, left.span.to(right.span), matching, return_bool)
        cursor.shallower()
        return left

    def _operand(self) -> Expr:
        cursor, token = self.cursor, self.cursor.token
        if cursor.at_symbol("-", "+") and cursor.following.kind is Kind.NUMBER:
            cursor.take()
            number = cursor.number(cursor.token)
            span = token.span.to(cursor.take().span)
            return NumberLiteral(-number if token.text == "-" else number, span)
        if token.kind is Kind.NUMBER:
            cursor.take()
            return NumberLiteral(cursor.number(token), token.span)
        if cursor.take_symbol("("):
            inner = self.expression(0)
            end = cursor.expect_symbol(")", "parentheses")
            return Paren(inner, token.span.to(end.span))
        if token.kind is Kind.IDENTIFIER:
            return self._named(token)
        raise cursor.unexpected("", "stream selector, number, aggregation or parentheses")

    def _named(self, token: Token) -> Expr:
        cursor, name = self.cursor, token.text
        if name in RANGE_FUNCTIONS:
            return self._range()
        if name in AGGREGATIONS:
            return self._aggregate()
        if name in _CALLS:
            return self._call()
        known = ", ".join(sorted({*RANGE_FUNCTIONS, *AGGREGATIONS, *_CALLS}))
        raise cursor.refuse(token.span, f'unknown function with name "{name}": expected one of {known}')

    def _range(self) -> Expr:
        if len(self.ranges) == RANGES_MAX:
            raise self.cursor.refuse(self.cursor.token.span, f"more than {RANGES_MAX} range aggregations")
        aggregation = range_aggregation(self.cursor)
        equal = tuple(one for one in aggregation.query.matchers if one.type is MatchType.EQUAL)
        name = leaf(len(self.ranges))
        self.ranges.append(aggregation)
        selector = VectorSelector(name, (*equal, matcher(NAME, "=", name)), aggregation.span)
        if aggregation.function == "absent_over_time":
            return Call(FUNCTIONS["absent"], (selector,), aggregation.span)
        return selector

    def _aggregate(self) -> Expr:
        cursor, operator = self.cursor, self.cursor.take()
        grouped = grouping(cursor)
        cursor.expect_symbol("(", operator.text)
        parameter = None
        if operator.text in _PARAMETER:
            if cursor.token.kind is not Kind.NUMBER:
                raise cursor.unexpected(operator.text, "number")
            parameter = self._operand()
            cursor.expect_symbol(",", operator.text)
        inner = self.expression(0)
        cursor.expect_symbol(")", operator.text)
        grouped = grouped or grouping(cursor)
        span = Span(operator.span.start, cursor.last_end)
        labels, without = (grouped.labels, grouped.without) if grouped else ((), False)
        return Aggregate(operator.text.removeprefix("approx_"), inner, span, parameter, labels, without)

    def _call(self) -> Expr:
        cursor, name = self.cursor, self.cursor.take()
        cursor.expect_symbol("(", name.text)
        arguments: list[Expr] = [self.expression(0)]
        while cursor.take_symbol(","):
            text = cursor.text(name.text)
            arguments.append(StringLiteral(text.word, text.span))
        cursor.expect_symbol(")", name.text)
        return Call(FUNCTIONS[name.text], tuple(arguments), Span(name.span.start, cursor.last_end))

    def _matching(self, operator: str) -> tuple[Matching, bool]:
        cursor = self.cursor
        return_bool = cursor.take_word("bool")
        matching = Matching()
        if cursor.at_word("on", "ignoring"):
            on = cursor.take().text.lower() == "on"
            matching = Matching(labels=label_names(cursor), on=on)
            if cursor.at_word("group_left", "group_right"):
                left = cursor.take().text.lower() == "group_left"
                cardinality = Cardinality.MANY_TO_ONE if left else Cardinality.ONE_TO_MANY
                include = label_names(cursor) if cursor.at_symbol("(") else ()
                matching = replace(matching, cardinality=cardinality, include=include)
        if operator in SETS and matching.cardinality is Cardinality.ONE_TO_ONE:
            matching = replace(matching, cardinality=Cardinality.MANY_TO_MANY)
        return matching, return_bool


def _operator(cursor: LogCursor) -> str:
    return cursor.token.text.lower() if cursor.token.kind in (Kind.SYMBOL, Kind.IDENTIFIER) else ""
