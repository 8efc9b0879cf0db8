"""What kind of quantity an expression is, and which other unit a threshold may have been meant in."""

import re
from collections.abc import Iterator

from midwatch.server.promql.lint.walk import every, selectors
from midwatch.server.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    NumberLiteral,
    Subquery,
    VectorSelector,
    unwrap,
)

Unit = tuple[str, float]
"""In words, and how many of the metric's own unit it is."""
_PER_CENT: Unit = ("per cent", 0.01)
_UNITS: dict[str, tuple[Unit, ...]] = {
    "seconds": (("milliseconds", 1e-3), ("minutes", 60.0), ("hours", 3600.0), ("days", 86_400.0)),
    "milliseconds": (("seconds", 1e3), ("minutes", 6e4), ("microseconds", 1e-3)),
    "bytes": (("KiB", 2.0**10), ("MiB", 2.0**20), ("GiB", 2.0**30)),
    "percent": (("a share from 0 to 1", 100.0),),
    "ratio": (_PER_CENT,),
}
_WORDS = re.compile(r"[a-z]+")
_SAME_AS = {"ms": "milliseconds", "pct": "percent", "share": "ratio", "fraction": "ratio"}
_COUNTS = ("_count", "_total")
"""What a name ends with whose unit is not that of its values."""
_AGES = frozenset({"time", "timestamp"})


def other_units(expr: Expr) -> tuple[Unit, ...]:
    """Those that a threshold of it is easily written in by mistake."""
    if is_quotient(expr):
        return (_PER_CENT,)
    found = {unit for name in _names(expr) if not name.endswith(_COUNTS) for unit in _unit_words(name)}
    if is_age(expr):
        found = {"seconds"}
    return _UNITS[found.pop()] if len(found) == 1 else ()


def is_age(expr: Expr) -> bool:
    """How long something is ago, or still takes: it grows when something is the matter, and is small until then."""
    return any(isinstance(node, Call) and node.function.name in _AGES for node in every(expr))


def is_quotient(expr: Expr) -> bool:
    """A part of a whole as far as its form goes; against another time it is a change, and no share."""
    inner = _inner(expr)
    if isinstance(inner, VectorSelector):
        return "ratio" in _unit_words(inner.name)
    if not isinstance(inner, Binary):
        return False
    if inner.operator == "-" and isinstance(unwrap(inner.left), NumberLiteral):
        return is_quotient(inner.right)
    return inner.operator == "/" and not any(_moved(node) for node in every(inner))


def is_share(expr: Expr) -> bool:
    """A quotient of what is counted in the same unit, so that it is from 0 to 1 where the values so far are."""
    inner = _inner(expr)
    if not is_quotient(inner) or not isinstance(inner, Binary):
        return is_quotient(inner)
    if inner.operator == "-":
        return is_share(inner.right)
    left, right = ({name.rpartition("_")[2] for name in _names(side)} for side in (inner.left, inner.right))
    return len(left) == 1 and left == right


def _inner(expr: Expr) -> Expr:
    inner = unwrap(expr)
    while isinstance(inner, Aggregate) and inner.operator in ("avg", "min", "max"):
        inner = unwrap(inner.expr)
    return inner


def _moved(node: Expr) -> bool:
    return isinstance(node, VectorSelector | Subquery) and (node.offset_ms != 0 or node.at_ms is not None)


def _names(expr: Expr) -> Iterator[str]:
    return (one.name.removesuffix("_bucket").removesuffix("_sum") for one in selectors(expr) if one.name)


def _unit_words(name: str) -> set[str]:
    words = (_SAME_AS.get(word, word) for word in _WORDS.findall(name.lower()))
    return {word for word in words if word in _UNITS}


def histogram_buckets(expr: Expr) -> VectorSelector | None:
    """The buckets whose quantile an expression is."""
    inner = _inner(expr)
    if not isinstance(inner, Call) or inner.function.name != "histogram_quantile":
        return None
    found = [
        node.selector if isinstance(node, MatrixSelector) else node
        for node in every(inner.arguments[-1])
        if isinstance(node, MatrixSelector | VectorSelector)
    ]
    return found[0] if found and found[0].name.endswith("_bucket") else None
