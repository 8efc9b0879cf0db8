"""`histogram_quantile` needs rates of buckets, and the buckets' label."""

from collections.abc import Iterator
from dataclasses import replace

from midwatch.server.promql.labels import NAME
from midwatch.server.promql.lint.finding import Change, Finding, Severity, mended
from midwatch.server.promql.lint.labels import surviving
from midwatch.server.promql.lint.sent import Sent
from midwatch.server.promql.lint.walk import every, selectors
from midwatch.server.promql.matchers import matcher
from midwatch.server.promql.syntax.ast import (
    Aggregate,
    Call,
    Expr,
    MatrixSelector,
    VectorSelector,
    unwrap,
)
from midwatch.server.promql.syntax.signatures import FUNCTIONS

_WINDOW_MS = 300_000
BUCKET, LE = "_bucket", "le"


def quantile_of_no_buckets(query: str, expr: Expr, sent: Sent) -> Iterator[Finding]:
    """Without buckets there is no answer, ever; without a rate the answer is of all time since the start."""
    for node in every(expr):
        if isinstance(node, Call) and node.function.name in ("histogram_quantile", "histogram_fraction"):
            yield from _of_call(query, node, sent)


def _of_call(query: str, call: Call, sent: Sent) -> Iterator[Finding]:
    name, inner = call.function.name, call.arguments[-1]
    found = next(selectors(inner), None)
    if found is None or not found.name or found.name.endswith(":"):
        return
    family = found.name.removesuffix(BUCKET)
    native = family in sent.native
    buckets = native or found.name.endswith(BUCKET) or ":" in found.name
    rated = any(isinstance(node, MatrixSelector) for node in every(inner)) or ":" in found.name
    if buckets and rated:
        if not native and not surviving(inner).may_have(LE):
            yield from _le_dropped(query, call, inner)
        return
    lacks = [
        what for what, there in ((f"{family}{BUCKET}", buckets), ("rate()", rated), (f"by ({LE})", rated)) if not there
    ]
    message = f"{name}() needs the rate of a histogram's buckets; this lacks {', '.join(lacks)}, so it finds "
    message += "no bucket and has no result, ever" if not buckets else "the quantile of all time since the start"
    change = Change(inner, _rated(found, family if native else family + BUCKET, inner, native=native))
    severity: Severity = "warning" if buckets else "error"
    yield Finding("quantile_of_no_buckets", severity, message, call.span, mended(query, change))


def _rated(found: VectorSelector, name: str, inner: Expr, *, native: bool) -> Expr:
    kept = tuple(one for one in found.matchers if one.name != NAME)
    selector = replace(found, name=name, matchers=(*kept, matcher(NAME, "=", name)))
    window = next((node.range_ms for node in every(inner) if isinstance(node, MatrixSelector)), _WINDOW_MS)
    rate = Call(FUNCTIONS["rate"], (MatrixSelector(selector, window, found.span),), found.span)
    if native:
        return rate
    outer = unwrap(inner)
    grouping = outer.grouping if isinstance(outer, Aggregate) and not outer.without else ()
    return Aggregate("sum", rate, found.span, grouping=tuple(dict.fromkeys((*grouping, LE))))


def _le_dropped(query: str, call: Call, inner: Expr) -> Iterator[Finding]:
    outer = unwrap(inner)
    while isinstance(outer, Aggregate) and not (outer.without or LE not in outer.grouping):
        outer = unwrap(outer.expr)
    message = (
        f"{call.function.name}() over an aggregation that drops {LE}: no bucket is left, so it has no result, ever"
    )
    text = None
    if isinstance(outer, Aggregate):
        grouping = tuple(name for name in outer.grouping if name != LE) if outer.without else (*outer.grouping, LE)
        text = mended(query, Change(outer, replace(outer, grouping=grouping)))
    yield Finding("le_dropped", "error", message, call.span, text)
