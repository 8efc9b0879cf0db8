"""Counters only grow: what is asked of them, and what is asked of gauges as if they did."""

from collections.abc import Iterator
from dataclasses import replace

from midwatch.server.promql.lint.finding import Change, Finding, mended
from midwatch.server.promql.lint.sent import Sent
from midwatch.server.promql.lint.walk import every
from midwatch.server.promql.syntax.ast import (
    COMPARISONS,
    Aggregate,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    Signature,
    Subquery,
    ValueType,
    VectorSelector,
    type_of,
    unwrap,
)
from midwatch.server.promql.syntax.signatures import FUNCTIONS

OF_GAUGES = {"rate": "deriv", "increase": "delta", "irate": "idelta", "resets": "changes"}
"""What does with a gauge what the other does with a counter."""
_SUMMING = frozenset({"sum", "avg", "min", "max"})
_WINDOW_MS = 300_000


def rate_of_gauge(query: str, expr: Expr, sent: Sent) -> Iterator[Finding]:
    """`rate` takes every step down for a restart and adds it up: of a gauge that is a number of nothing."""
    for node in every(expr):
        if not isinstance(node, Call) or node.function.name not in OF_GAUGES:
            continue
        range_ = unwrap(node.arguments[0])
        if not isinstance(range_, MatrixSelector) or not (name := range_.selector.name):
            continue
        counter = sent.is_counter(name)
        if counter:
            continue
        instead = FUNCTIONS[OF_GAUGES[node.function.name]]
        known = counter is False
        why = "is a gauge" if known else "has no name of a counter (_total, _count, _sum, _bucket)"
        message = (
            f"{node.function.name}() over {name}, which {why}: each step down is taken for a restart. "
            f"{instead.name}() tells how a gauge changes; how often something happens, only a counter of it tells"
        )
        change = Change(node, replace(node, function=instead))
        yield Finding("rate_of_gauge", "error" if known else "warning", message, node.span, mended(query, change))


def raw_counter(query: str, expr: Expr, sent: Sent) -> Iterator[Finding]:
    """A threshold over a counter is passed once and stays so until the process restarts."""
    for node in every(expr):
        if not isinstance(node, Binary) or node.operator not in COMPARISONS:
            continue
        sides = (node.left, node.right)
        if ValueType.SCALAR not in map(type_of, sides):
            continue
        selector = next((found for one in sides if (found := _counted(one, sent)) is not None), None)
        if selector is None:
            continue
        call = _over(FUNCTIONS["increase"], selector, _WINDOW_MS)
        message = (
            f"{selector.name} is a counter: it only grows, so this holds from some moment on until the process "
            f"restarts; compare how much it grew, with increase() or rate()"
        )
        yield Finding("raw_counter", "warning", message, selector.span, mended(query, Change(selector, call)))


def _counted(expr: Expr, sent: Sent) -> VectorSelector | None:
    inner = unwrap(expr)
    while isinstance(inner, Aggregate) and inner.operator in _SUMMING:
        inner = unwrap(inner.expr)
    if isinstance(inner, VectorSelector) and sent.is_counter(inner.name) and sent.kind(inner.name) in (None, "counter"):
        return inner
    return None


def rate_of_sum(query: str, expr: Expr, sent: Sent) -> Iterator[Finding]:
    """A sum goes down when one of its series restarts or goes, which `rate` takes for a restart of all."""
    for node in every(expr):
        if not isinstance(node, Call) or node.function.name not in ("rate", "increase", "irate"):
            continue
        window = unwrap(node.arguments[0])
        if not isinstance(window, Subquery):
            continue
        inner = unwrap(window.expr)
        if not isinstance(inner, Aggregate) or inner.operator not in _SUMMING:
            continue
        selector = unwrap(inner.expr)
        if not isinstance(selector, VectorSelector) or sent.is_counter(selector.name) is False:
            continue
        turned = replace(inner, expr=_over(node.function, selector, window.range_ms))
        message = (
            f"{node.function.name}() of {inner.operator}(): when one series restarts the whole sum steps down, and "
            f"{node.function.name}() takes that for a restart of all; take the {node.function.name} first"
        )
        yield Finding("rate_of_sum", "error", message, node.span, mended(query, Change(node, turned)))


def _over(function: Signature, selector: VectorSelector, range_ms: int) -> Call:
    return Call(function, (MatrixSelector(selector, range_ms, selector.span),), selector.span)
