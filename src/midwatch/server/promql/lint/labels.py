"""Which labels the result of a query can have: what aggregations and matching leave of those that are stored."""

from dataclasses import dataclass

from midwatch.server.promql.labels import NAME
from midwatch.server.promql.matchers import MatchType
from midwatch.server.promql.syntax.ast import (
    SETS,
    Aggregate,
    Binary,
    Call,
    Cardinality,
    Expr,
    MatrixSelector,
    Paren,
    StringLiteral,
    Subquery,
    Unary,
    ValueType,
    VectorSelector,
    type_of,
)

_CHOOSING = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
"""Aggregations that keep series as they are."""
_ABSENT = frozenset({"absent", "absent_over_time"})
_OF_BUCKETS = frozenset({"histogram_quantile", "histogram_fraction", "histogram_quantiles"})


@dataclass(frozen=True, slots=True)
class LabelSet:
    """`exact`: these and no others. Else: any but these."""

    names: frozenset[str]
    exact: bool

    def may_have(self, name: str) -> bool:
        return (name in self.names) is self.exact

    def with_(self, *names: str) -> "LabelSet":
        return LabelSet(self.names | set(names) if self.exact else self.names - set(names), self.exact)

    def without(self, *names: str) -> "LabelSet":
        return LabelSet(self.names - set(names) if self.exact else self.names | set(names), self.exact)

    def either(self, other: "LabelSet") -> "LabelSet":
        """What one of two may have."""
        if self.exact and other.exact:
            return LabelSet(self.names | other.names, exact=True)
        if not self.exact and not other.exact:
            return LabelSet(self.names & other.names, exact=False)
        exact, open_ = (self, other) if self.exact else (other, self)
        return LabelSet(open_.names - exact.names, exact=False)


NO_LABELS = LabelSet(frozenset(), exact=True)
ANY_LABELS = LabelSet(frozenset(), exact=False)


def surviving(expr: Expr) -> LabelSet:
    """The labels that the result may have, apart from the metric's name."""
    match expr:
        case VectorSelector() | MatrixSelector():
            return ANY_LABELS
        case Paren() | Unary() | Subquery():
            return surviving(expr.expr)
        case Aggregate():
            return _aggregated(expr)
        case Call():
            return _called(expr)
        case Binary():
            return _joined(expr)
        case _:
            return NO_LABELS


def _aggregated(expr: Aggregate) -> LabelSet:
    inner = surviving(expr.expr)
    if expr.operator in _CHOOSING:
        return inner
    if expr.without:
        left = inner.without(*expr.grouping)
    else:
        left = LabelSet(frozenset(name for name in expr.grouping if inner.may_have(name)), exact=True)
    if expr.operator == "count_values" and isinstance(expr.parameter, StringLiteral):
        return left.with_(expr.parameter.value)
    return left


def _called(expr: Call) -> LabelSet:
    name, arguments = expr.function.name, expr.arguments
    if name in _ABSENT:
        return _told_by(arguments[0])
    vectors = [one for one in arguments if type_of(one) in (ValueType.VECTOR, ValueType.MATRIX)]
    if not vectors or expr.function.returns is ValueType.SCALAR:
        return NO_LABELS
    if name == "info":
        return ANY_LABELS
    left = surviving(vectors[0])
    if name in _OF_BUCKETS:
        return left.without("le")
    if name in ("label_replace", "label_join") and isinstance(arguments[1], StringLiteral):
        return left.with_(arguments[1].value)
    return left


def _told_by(expr: Expr) -> LabelSet:
    """What is absent has the labels that its selector names exactly."""
    inner = expr.expr if isinstance(expr, Paren) else expr
    selector = inner.selector if isinstance(inner, MatrixSelector) else inner
    if not isinstance(selector, VectorSelector):
        return NO_LABELS
    named = {one.name for one in selector.matchers if one.type is MatchType.EQUAL and one.name != NAME}
    return LabelSet(frozenset(named), exact=True)


def _joined(expr: Binary) -> LabelSet:
    kinds = (type_of(expr.left), type_of(expr.right))
    if kinds != (ValueType.VECTOR, ValueType.VECTOR):
        vectors = [one for one in (expr.left, expr.right) if type_of(one) is ValueType.VECTOR]
        return surviving(vectors[0]) if vectors else NO_LABELS
    left, right = surviving(expr.left), surviving(expr.right)
    return left.either(right) if expr.operator == "or" else _matched(expr, left, right)


def _matched(expr: Binary, left: LabelSet, right: LabelSet) -> LabelSet:
    matching = expr.matching
    if expr.operator in SETS:
        return left
    if matching.cardinality is Cardinality.MANY_TO_ONE:
        return left.with_(*matching.include)
    if matching.cardinality is Cardinality.ONE_TO_MANY:
        return right.with_(*matching.include)
    if matching.on:
        return LabelSet(frozenset(name for name in matching.labels if left.may_have(name)), exact=True)
    return left.without(*matching.labels)
