"""Queries of indicators: with a window to fill in, or made to have one."""

import re

from midwatch.server.promql import ParseError, parse
from midwatch.server.promql.lint.walk import every
from midwatch.server.promql.syntax import ParserOptions
from midwatch.server.promql.syntax.ast import MatrixSelector, ValueType, VectorSelector, type_of, unwrap
from midwatch.server.slo.objective import WINDOW

_WINDOW = re.compile(r"\{\{\s*\.window\s*\}\}")
_TRIED = "5m"
_OPTIONS = ParserOptions.everything()


class BadQuery(ValueError):
    """No query of an indicator; the message says why and what to write. `path`: where it stands in the indicator."""

    def __init__(self, message: str, *path: str) -> None:
        super().__init__(message)
        self.path = path


def with_window(query: str, *path: str) -> str:
    """The query, which stands at `path`, with WINDOW in its canonical form.

    Raises:
        BadQuery: no PromQL, no vector, or nowhere a window.
    """
    text = _WINDOW.sub(WINDOW, query.strip())
    if WINDOW not in text:
        raise BadQuery(
            f"{query.strip()}: expected {WINDOW} as the range of its selectors, as in rate(x[{WINDOW}])", *path
        )
    _require_vector(text, path)
    return text


def counted(query: str, *, counter: bool) -> str:
    """What happened within WINDOW, of a query that has one, or of a plain selector.

    `counter`: the series grow (`increase` counts it); else each sample is a count of its own.

    Raises:
        BadQuery: as `with_window`, or a query that fixes its range itself.
    """
    text = _WINDOW.sub(WINDOW, query.strip())
    if WINDOW in text:
        return with_window(text)
    try:
        expr = unwrap(parse(text, _OPTIONS))
    except ParseError as error:
        raise BadQuery(f"{text}: is no PromQL: {error}") from None
    if isinstance(expr, VectorSelector):
        function = "increase" if counter else "sum_over_time"
        return f"sum({function}({text}[{WINDOW}]))"
    if any(isinstance(node, MatrixSelector) for node in every(expr)):
        raise BadQuery(f"{text}: expected {WINDOW} in the place of its range: it is asked for several windows")
    raise BadQuery(f"{text}: expected a selector, or a query with {WINDOW} as the range of its selectors")


def latency(metric: str, seconds: float, matchers: str = "") -> tuple[str, str]:
    """Slow ones and all of them, of a classic histogram: `seconds` has to be one of its buckets."""
    narrower = f"{matchers}, " if matchers else ""
    all_ = f"sum(rate({metric}_count{{{matchers}}}[{WINDOW}]))"
    fast = f'sum(rate({metric}_bucket{{{narrower}le="{seconds:g}"}}[{WINDOW}]))'
    return f"{all_} - {fast}", all_


def _require_vector(text: str, path: tuple[str, ...]) -> None:
    tried = text.replace(WINDOW, _TRIED)
    try:
        expr = parse(tried, _OPTIONS)
    except ParseError as error:
        raise BadQuery(f"{text}: is no PromQL: {error}", *path) from None
    if type_of(expr) not in (ValueType.VECTOR, ValueType.SCALAR):
        raise BadQuery(f"{text}: expected an instant vector, not a {type_of(expr)}", *path)
