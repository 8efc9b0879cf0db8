"""What the expression of an alert has to be: nothing, while all is well."""

from collections.abc import Iterator

from midwatch.server.promql.lint.finding import Finding
from midwatch.server.promql.lint.sent import Sent
from midwatch.server.promql.syntax.ast import (
    COMPARISONS,
    Aggregate,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    Paren,
    Subquery,
    Unary,
    VectorSelector,
)

_ABSENT = frozenset({"absent", "absent_over_time"})
_THERE_WHILE_IT_LASTS = frozenset({"ALERTS", "ALERTS_FOR_STATE"})
"""Metrics that are there only while something is the matter."""


def no_condition(query: str, expr: Expr, sent: Sent) -> Iterator[Finding]:
    """Without a condition an alert fires for every series there is."""
    if _conditional(expr):
        return
    if isinstance(expr, Binary) and expr.operator in COMPARISONS and expr.return_bool:
        message = f"{expr.operator} bool has a result either way, 0 or 1, and an alert fires for both; leave out bool"
    else:
        message = "no condition: this alert fires as long as there are series at all; compare them with a threshold"
    yield Finding("no_condition", "error", message, expr.span)


def _conditional(expr: Expr) -> bool:  # noqa: PLR0911 - one line a node
    match expr:
        case Paren() | Unary() | Subquery() | Aggregate():
            return _conditional(expr.expr)
        case MatrixSelector():
            return _conditional(expr.selector)
        case VectorSelector():
            return expr.name in _THERE_WHILE_IT_LASTS
        case Call():
            return expr.function.name in _ABSENT or any(_conditional(one) for one in expr.arguments)
        case Binary() if expr.operator in COMPARISONS:
            return not expr.return_bool
        case Binary() if expr.operator == "or":
            return _conditional(expr.left) and _conditional(expr.right)
        case Binary() if expr.operator == "unless":
            return True
        case Binary():
            return _conditional(expr.left) or _conditional(expr.right)
        case _:
            return False
