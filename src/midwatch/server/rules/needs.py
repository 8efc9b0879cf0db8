"""What expressions read: each selector with the time that it looks at; and several of one metric as one read."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from midwatch.server.promql.labels import NAME
from midwatch.server.promql.matchers import Matcher, MatchType, matcher
from midwatch.server.promql.syntax.ast import Call, Expr, MatrixSelector, Subquery, VectorSelector, children

VALUES_MAX = 500
"""Values of one label that a read names; of more it takes all."""
Matchers = tuple[Matcher, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """Samples of a metric from start to end, both included. `matchers` are those of other labels than the name."""

    name: str
    matchers: Matchers
    start_ms: int
    end_ms: int


def needs(expr: Expr, time_ms: int, lookback_ms: int) -> Iterator[Need]:
    """Of the selectors that can be read together: those with a name, at no time of their own."""
    yield from _needs(expr, time_ms, time_ms, lookback_ms)


def _needs(expr: Expr, first_ms: int, last_ms: int, lookback_ms: int) -> Iterator[Need]:
    """`first_ms` to `last_ms` are the times at which the expression is evaluated."""
    match expr:
        case VectorSelector():
            yield from _need(expr, first_ms, last_ms, lookback_ms)
        case MatrixSelector() if expr.range_expr is None:
            yield from _need(expr.selector, first_ms, last_ms, expr.range_ms)
        case Subquery() if _plain(expr) and expr.range_expr is None:
            first, last = first_ms - expr.offset_ms - expr.range_ms, last_ms - expr.offset_ms
            yield from _needs(expr.expr, first, last, lookback_ms)
        case MatrixSelector() | Subquery():
            return
        case Call() if expr.function.name == "info":
            return
        case _:
            for child in children(expr):
                yield from _needs(child, first_ms, last_ms, lookback_ms)


def _plain(node: VectorSelector | Subquery) -> bool:
    return node.at_ms is None and node.at_edge is None and node.offset_expr is None


def _need(selector: VectorSelector, first_ms: int, last_ms: int, window_ms: int) -> Iterator[Need]:
    if not _plain(selector) or selector.anchored or selector.smoothed:
        return
    names = [one for one in selector.matchers if one.name == NAME]
    if len(names) != 1 or names[0].type is not MatchType.EQUAL:
        return
    others = tuple(one for one in selector.matchers if one.name != NAME)
    first = first_ms - selector.offset_ms - window_ms + 1
    yield Need(names[0].value, others, first, last_ms - selector.offset_ms)


def together(wanted: Sequence[Need]) -> Need:
    """One read that has all of them, all being of one metric."""
    first = wanted[0]
    shared = [one for one in first.matchers if all(one in need.matchers for need in wanted)]
    known = {one.name for one in shared}
    listed = [
        matcher(name, MatchType.REGEX, "|".join(map(re.escape, sorted(values))))
        for name in {one.name for one in first.matchers} - known
        if (values := _values(wanted, name)) and len(values) <= VALUES_MAX
    ]
    matchers = tuple(sorted((*shared, *listed), key=lambda one: (one.name, one.value)))
    return Need(first.name, matchers, min(one.start_ms for one in wanted), max(one.end_ms for one in wanted))


def _values(wanted: Iterable[Need], name: str) -> set[str]:
    """Values of a label, where every need names one; else none."""
    found = set()
    for need in wanted:
        value = next((one.value for one in need.matchers if one.name == name and one.type is MatchType.EQUAL), None)
        if not value:
            return set()
        found.add(value)
    return found
