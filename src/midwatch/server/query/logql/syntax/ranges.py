"""Range aggregations: `quantile_over_time(0.99, {…} | unwrap took [5m] offset 1h) by (route)`."""

from dataclasses import replace

from midwatch.server.promql.syntax.ast import Span
from midwatch.server.promql.syntax.lexer import Kind, Token
from midwatch.server.query.logql.syntax.ast import Grouping, LogQuery, RangeAggregation
from midwatch.server.query.logql.syntax.lexer import LogCursor
from midwatch.server.query.logql.syntax.selectors import stream_selector
from midwatch.server.query.logql.syntax.stages import stages
from midwatch.server.query.logql.syntax.units import seconds_of

OF_LINES = frozenset({"count_over_time", "rate", "bytes_over_time", "bytes_rate", "absent_over_time"})
OF_VALUES = frozenset(
    {
        *("sum_over_time", "avg_over_time", "min_over_time", "max_over_time", "first_over_time", "last_over_time"),
        *("stddev_over_time", "stdvar_over_time", "quantile_over_time", "rate", "rate_counter", "absent_over_time"),
    }
)
"""Those that need `unwrap`; `rate` and `absent_over_time` do without, too."""
RANGE_FUNCTIONS = OF_LINES | OF_VALUES
_UNGROUPED = frozenset({"count_over_time", "bytes_over_time", "bytes_rate", "absent_over_time", "sum_over_time"})
RANGE_MS_MAX = 366 * 86_400_000


def log_query(cursor: LogCursor) -> LogQuery:
    start = cursor.token.span.start
    if cursor.take_symbol("("):
        cursor.deeper()
        inner = log_query(cursor)
        cursor.shallower()
        cursor.expect_symbol(")", "log query")
        return replace(inner, stages=(*inner.stages, *stages(cursor)), span=Span(start, cursor.last_end))
    matchers = stream_selector(cursor)
    found = tuple(stages(cursor))
    return LogQuery(matchers, found, Span(start, cursor.last_end))


def range_aggregation(cursor: LogCursor) -> RangeAggregation:
    function = cursor.take()
    cursor.expect_symbol("(", function.text)
    parameter = 0.0
    if function.text == "quantile_over_time":
        parameter = _number(cursor, function.text)
        cursor.expect_symbol(",", function.text)
    query = log_query(cursor)
    range_ms = _range(cursor)
    query = replace(query, stages=(*query.stages, *stages(cursor)), span=Span(query.span.start, cursor.last_end))
    offset_ms = _offset(cursor)
    cursor.expect_symbol(")", function.text)
    _check_unwrap(cursor, function, query)
    grouped = None
    if cursor.at_word("by", "without"):
        if function.text in _UNGROUPED or (function.text == "rate" and not query.unwraps):
            raise cursor.refuse(cursor.token.span, f"grouping not allowed for {function.text} aggregation")
        grouped = grouping(cursor)
    span = Span(function.span.start, cursor.last_end)
    return RangeAggregation(function.text, query, range_ms, offset_ms, span, parameter, grouped)


def grouping(cursor: LogCursor) -> Grouping | None:
    if not cursor.at_word("by", "without"):
        return None
    without = cursor.take().text.lower() == "without"
    return Grouping(label_names(cursor), without)


def label_names(cursor: LogCursor) -> tuple[str, ...]:
    cursor.expect_symbol("(", "grouping")
    names: list[str] = []
    while not cursor.take_symbol(")"):
        names.append(cursor.name("grouping").text)
        if not cursor.take_symbol(",") and not cursor.at_symbol(")"):
            raise cursor.unexpected("grouping", '"," or ")"')
    return tuple(names)


def _check_unwrap(cursor: LogCursor, function: Token, query: LogQuery) -> None:
    if query.unwraps and function.text not in OF_VALUES:
        raise cursor.refuse(function.span, f"invalid aggregation {function.text} with unwrap")
    if not query.unwraps and function.text not in OF_LINES:
        raise cursor.refuse(function.span, f"invalid aggregation {function.text} without unwrap")


def _number(cursor: LogCursor, where: str) -> float:
    if cursor.token.kind is not Kind.NUMBER:
        raise cursor.unexpected(where, "number")
    return cursor.number(cursor.take())


def _range(cursor: LogCursor) -> int:
    cursor.expect_symbol("[", "range aggregation")
    found = _duration(cursor, "range aggregation")
    cursor.expect_symbol("]", "range aggregation")
    return found


def _offset(cursor: LogCursor) -> int:
    if not cursor.take_word("offset"):
        return 0
    sign = -1 if cursor.take_symbol("-") else 1
    return sign * _duration(cursor, "offset")


def _duration(cursor: LogCursor, where: str) -> int:
    token = cursor.token
    seconds = seconds_of(token.text) if token.kind is Kind.DURATION else None
    if seconds is None:
        raise cursor.unexpected(where, "duration")
    milliseconds = round(seconds * 1000)
    if not 0 < milliseconds <= RANGE_MS_MAX:
        raise cursor.refuse(token.span, f"{token.text}: expected from 1ms to 366d")
    cursor.take()
    return milliseconds
