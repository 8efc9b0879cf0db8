"""How far back a query looks, and which numbers it compares with."""

from collections.abc import Iterator

from midwatch.server.promql.lint.walk import every
from midwatch.server.promql.syntax.ast import Expr, MatrixSelector, NumberLiteral, Subquery, VectorSelector, children

LOOKBACK_MS = 300_000
_SUBQUERY_STEP_MS = 60_000


def reach_ms(expr: Expr) -> int:
    """From its time back to the oldest sample that it reads."""
    match expr:
        case VectorSelector():
            return LOOKBACK_MS + max(0, expr.offset_ms)
        case MatrixSelector():
            return expr.range_ms + max(0, expr.selector.offset_ms)
        case Subquery():
            own = expr.range_ms + max(0, expr.offset_ms) + (expr.step_ms or _SUBQUERY_STEP_MS)
            return own + reach_ms(expr.expr)
        case _:
            return max(map(reach_ms, children(expr)), default=LOOKBACK_MS)


def window_ms(expr: Expr) -> int:
    """How long something has to last until all windows of the query are full of it; offsets apart."""
    match expr:
        case MatrixSelector():
            return expr.range_ms
        case Subquery():
            return expr.range_ms + window_ms(expr.expr)
        case _:
            return max(map(window_ms, children(expr)), default=0)


def numbers(expr: Expr) -> list[float]:
    """Every number of the query, each once."""
    return list(dict.fromkeys(_numbers(expr)))


def _numbers(expr: Expr) -> Iterator[float]:
    return (node.value for node in every(expr) if isinstance(node, NumberLiteral))


def ranges_seconds(expr: Expr) -> list[float]:
    found = (node.range_ms / 1000 for node in every(expr) if isinstance(node, MatrixSelector | Subquery))
    return list(dict.fromkeys(found))
