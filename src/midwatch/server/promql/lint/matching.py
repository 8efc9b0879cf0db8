"""Two vectors find each other by their labels: where they cannot, or find only themselves."""

from collections.abc import Iterator
from dataclasses import replace

from midwatch.server.promql.labels import NAME
from midwatch.server.promql.lint.finding import Change, Finding, mended
from midwatch.server.promql.lint.labels import surviving
from midwatch.server.promql.lint.sent import Sent
from midwatch.server.promql.lint.walk import every, selectors
from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.syntax.ast import (
    ARITHMETIC,
    COMPARISONS,
    Aggregate,
    Binary,
    Cardinality,
    Expr,
    Matching,
    ValueType,
    type_of,
)

_ALONE = Matching()


def ratio_of_itself(query: str, expr: Expr, sent: Sent) -> Iterator[Finding]:
    """`a{status="500"} / a`: each series is divided by the one of the same labels, which is itself."""
    for node in every(expr):
        if not isinstance(node, Binary) or node.operator != "/" or not _of_vectors(node) or node.matching != _ALONE:
            continue
        if surviving(node.left).exact or surviving(node.right).exact:
            continue
        narrower = sorted(_conditions(node.left) ^ _conditions(node.right))
        names = sorted({name for name, _, _ in narrower})
        if not names or not all(surviving(node.left).may_have(one) for one in names):
            continue
        if _names(node.left) != _names(node.right):
            continue
        message = (
            f"a ratio without aggregation: both sides keep the label {names[0]}, so each series is divided by itself "
            "and the answer is 1 or nothing; sum both sides first"
        )
        left, right = (Aggregate("sum", one, one.span) for one in (node.left, node.right))
        change = Change(node, replace(node, left=left, right=right))
        yield Finding("ratio_of_itself", "error", message, node.span, mended(query, change))


def never_matching(query: str, expr: Expr, sent: Sent) -> Iterator[Finding]:
    """`sum by (job) (a) / sum(b)`: nothing on the right has the label by which the left looks for it."""
    for node in every(expr):
        if not isinstance(node, Binary) or node.operator not in ARITHMETIC | COMPARISONS or not _of_vectors(node):
            continue
        left, right = surviving(node.left), surviving(node.right)
        matching = node.matching
        if matching != _ALONE or not left.exact or not right.exact or left.names == right.names:
            continue
        odd = sorted(left.names ^ right.names)
        message = (
            f"the two sides of {node.operator} never match: one has the label {odd[0]}, the other does not; "
            "say by which labels they belong together"
        )
        change = Change(node, replace(node, matching=_by(left.names, right.names)))
        yield Finding("never_matching", "warning", message, node.span, mended(query, change))


def _by(left: frozenset[str], right: frozenset[str]) -> Matching:
    both = tuple(sorted(left & right))
    if left > right:
        return Matching(Cardinality.MANY_TO_ONE, both, on=True)
    if right > left:
        return Matching(Cardinality.ONE_TO_MANY, both, on=True)
    return Matching(Cardinality.ONE_TO_ONE, both, on=True)


def _of_vectors(node: Binary) -> bool:
    return type_of(node.left) is type_of(node.right) is ValueType.VECTOR


def _conditions(expr: Expr) -> set[tuple[str, str, str]]:
    return {_told(one) for found in selectors(expr) for one in found.matchers if one.name != NAME}


def _told(one: Matcher) -> tuple[str, str, str]:
    return one.name, one.type.value, one.value


def _names(expr: Expr) -> set[str]:
    return {found.name for found in selectors(expr)}
