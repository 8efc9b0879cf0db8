"""Every part of a query."""

from collections.abc import Iterator

from midwatch.server.promql.syntax.ast import Expr, VectorSelector, children


def every(expr: Expr) -> Iterator[Expr]:
    """A part before what is in it."""
    yield expr
    for child in children(expr):
        yield from every(child)


def selectors(expr: Expr) -> Iterator[VectorSelector]:
    return (node for node in every(expr) if isinstance(node, VectorSelector))
