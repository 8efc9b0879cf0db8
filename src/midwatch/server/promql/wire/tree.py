"""A query's tree as JSON values, as `parse_query` has it for pages that explain queries."""

from typing import Any

from midwatch.server.promql.matchers import Matcher
from midwatch.server.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Duration,
    DurationExpr,
    Expr,
    Matching,
    MatrixSelector,
    NumberLiteral,
    Paren,
    Signature,
    StringLiteral,
    Subquery,
    Unary,
    ValueType,
    VectorSelector,
    type_of,
)
from midwatch.server.promql.syntax.text import clean
from midwatch.server.promql.wire.numbers import number

Json = dict[str, Any]


def tree(expr: Expr) -> Json:  # noqa: PLR0911 - one line a node
    """One node with all below it."""
    match expr:
        case NumberLiteral():
            return {"type": "numberLiteral", "val": number(expr.value)}
        case StringLiteral():
            return {"type": "stringLiteral", "val": clean(expr.value)}
        case VectorSelector():
            return {"type": "vectorSelector", **_selector(expr)}
        case MatrixSelector():
            length = _length("range", expr.range_ms, expr.range_expr)
            return {"type": "matrixSelector", **_selector(expr.selector), **length}
        case Subquery():
            return {
                "type": "subquery",
                "expr": tree(expr.expr),
                **_length("range", expr.range_ms, expr.range_expr),
                **_length("step", expr.step_ms, expr.step_expr),
                **_modifiers(expr),
            }
        case Call():
            return {"type": "call", "func": _function(expr.function), "args": [tree(one) for one in expr.arguments]}
        case Aggregate():
            return {
                "type": "aggregation",
                "op": expr.operator,
                "expr": tree(expr.expr),
                "param": None if expr.parameter is None else tree(expr.parameter),
                "grouping": list(expr.grouping),
                "without": expr.without,
            }
        case Binary():
            return {
                "type": "binaryExpr",
                "op": expr.operator,
                "lhs": tree(expr.left),
                "rhs": tree(expr.right),
                "matching": _matching(expr.matching) if _of_vectors(expr) else None,
                "bool": expr.return_bool,
            }
        case Unary():
            return {"type": "unaryExpr", "op": expr.operator, "expr": tree(expr.expr)}
        case Paren():
            return {"type": "parenExpr", "expr": tree(expr.expr)}


def _selector(one: VectorSelector) -> Json:
    return {
        "name": one.name,
        "matchers": [_matcher(each) for each in one.matchers],
        **_modifiers(one),
        "anchored": one.anchored,
        "smoothed": one.smoothed,
    }


def _matcher(one: Matcher) -> Json:
    return {"name": one.name, "value": clean(one.value), "type": str(one.type)}


def _modifiers(node: VectorSelector | Subquery) -> Json:
    return {
        **_length("offset", node.offset_ms, node.offset_expr),
        "timestamp": node.at_ms,
        "startOrEnd": node.at_edge,
    }


def _length(name: str, milliseconds: int, expr: DurationExpr | None) -> Json:
    """A duration in milliseconds, and the expression that it is made by where it is one."""
    return {name: milliseconds} if expr is None else {name: milliseconds, f"{name}Expr": _duration(expr)}


def _duration(expr: Duration | None) -> Json | None:
    if expr is None:
        return None
    if isinstance(expr, NumberLiteral):
        return tree(expr)
    return {
        "type": "durationExpr",
        "op": expr.operator,
        "lhs": _duration(expr.left),
        "rhs": _duration(expr.right),
        "wrapped": expr.wrapped,
    }


def _function(one: Signature) -> Json:
    return {
        "name": one.name,
        "argTypes": [kind.wire for kind in one.arguments],
        "variadic": one.variadic,
        "returnType": one.returns.wire,
    }


def _of_vectors(expr: Binary) -> bool:
    return type_of(expr.left) is type_of(expr.right) is ValueType.VECTOR


def _matching(one: Matching) -> Json:
    fills: Json = {}
    if one.fill_left is not None or one.fill_right is not None:
        pair = ("lhs", one.fill_left), ("rhs", one.fill_right)
        fills = {"fillValues": {side: number(value) for side, value in pair if value is not None}}
    return {
        "card": str(one.cardinality),
        "labels": list(one.labels),
        "on": one.on,
        "include": list(one.include),
        **fills,
    }
