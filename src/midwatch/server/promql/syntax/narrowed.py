"""A tree whose every selector asks for more: how a board's filters reach queries that do not know of them."""

from dataclasses import replace

from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.syntax.ast import (
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


def narrowed(expr: Expr, matchers: tuple[Matcher, ...]) -> Expr:  # noqa: PLR0911 - one line a node
    """The same question over the series that fit the matchers, too; strings and numbers are as they were."""
    match expr:
        case VectorSelector():
            # The name's own matcher stays the last.
            split = len(expr.matchers) - bool(expr.name)
            return replace(expr, matchers=(*expr.matchers[:split], *matchers, *expr.matchers[split:]))
        case MatrixSelector():
            selector = narrowed(expr.selector, matchers)
            assert isinstance(selector, VectorSelector)
            return replace(expr, selector=selector)
        case Subquery() | Paren() | Unary():
            return replace(expr, expr=narrowed(expr.expr, matchers))
        case Call() if expr.function.name == "info":
            # Its second argument chooses labels, not series.
            first, *rest = expr.arguments
            return replace(expr, arguments=(narrowed(first, matchers), *rest))
        case Call():
            return replace(expr, arguments=tuple(narrowed(one, matchers) for one in expr.arguments))
        case Aggregate():
            parameter = None if expr.parameter is None else narrowed(expr.parameter, matchers)
            return replace(expr, expr=narrowed(expr.expr, matchers), parameter=parameter)
        case Binary():
            return replace(expr, left=narrowed(expr.left, matchers), right=narrowed(expr.right, matchers))
        case _:
            return expr
