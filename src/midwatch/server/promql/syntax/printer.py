"""A tree as text again: one line, keywords in lower case, quotes where a name needs them."""

from midwatch.server.promql.floats import plain
from midwatch.server.promql.labels import NAME, is_legacy_name
from midwatch.server.promql.matchers import Matcher, MatchType
from midwatch.server.promql.syntax.ast import (
    Aggregate,
    Binary,
    Call,
    Cardinality,
    Duration,
    DurationExpr,
    Expr,
    Matching,
    MatrixSelector,
    NumberLiteral,
    Paren,
    StringLiteral,
    Subquery,
    Unary,
    VectorSelector,
)
from midwatch.server.promql.syntax.text import format_duration, quote


def to_text(expr: Expr) -> str:  # noqa: PLR0911 - one line a node
    """A query that is read back as the same tree."""
    match expr:
        case NumberLiteral():
            return _number(expr)
        case StringLiteral():
            return quote(expr.value)
        case VectorSelector():
            return _selector(expr) + _extended(expr) + _modifiers(expr)
        case MatrixSelector():
            inner = expr.selector
            length = _duration(expr.range_ms, expr.range_expr)
            return f"{_selector(inner)}[{length}]{_extended(inner)}{_modifiers(inner)}"
        case Subquery():
            step = _duration(expr.step_ms, expr.step_expr) if expr.step_ms or expr.step_expr else ""
            return f"{to_text(expr.expr)}[{_duration(expr.range_ms, expr.range_expr)}:{step}]{_modifiers(expr)}"
        case Call():
            return f"{expr.function.name}({', '.join(map(to_text, expr.arguments))})"
        case Aggregate():
            return _aggregate(expr)
        case Binary():
            flag = " bool" if expr.return_bool else ""
            return f"{to_text(expr.left)} {expr.operator}{flag}{_matching(expr.matching)} {to_text(expr.right)}"
        case Unary():
            return expr.operator + to_text(expr.expr)
        case Paren():
            return f"({to_text(expr.expr)})"


def _number(literal: NumberLiteral) -> str:
    return format_duration(round(literal.value * 1000)) if literal.duration else plain(literal.value)


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(name if is_legacy_name(name) else quote(name) for name in names)


def _aggregate(expr: Aggregate) -> str:
    grouping = ""
    if expr.without or expr.grouping:
        grouping = f" {'without' if expr.without else 'by'} ({_names(expr.grouping)}) "
    parameter = f"{to_text(expr.parameter)}, " if expr.parameter is not None else ""
    return f"{expr.operator}{grouping}({parameter}{to_text(expr.expr)})"


def _matching(matching: Matching) -> str:
    grouped = matching.cardinality in (Cardinality.MANY_TO_ONE, Cardinality.ONE_TO_MANY)
    out = ""
    if matching.labels or matching.on or grouped:
        out += f" {'on' if matching.on else 'ignoring'} ({_names(matching.labels)})"
    if grouped:
        side = "left" if matching.cardinality is Cardinality.MANY_TO_ONE else "right"
        out += f" group_{side} ({_names(matching.include)})"
    left, right = matching.fill_left, matching.fill_right
    if left is not None and right is not None and (left == right or (left != left and right != right)):  # noqa: PLR0124 - NaN
        return f"{out} fill ({plain(left)})"
    if left is not None:
        out += f" fill_left ({plain(left)})"
    if right is not None:
        out += f" fill_right ({plain(right)})"
    return out


def _selector(selector: VectorSelector) -> str:
    hidden = (NAME, MatchType.EQUAL, selector.name) if selector.name else None
    shown = [one for one in selector.matchers if (one.name, one.type, one.value) != hidden]
    braces = "{" + ",".join(sorted(map(_matcher, shown))) + "}" if shown or not selector.name else ""
    return selector.name + braces


def _matcher(one: Matcher) -> str:
    name = one.name if is_legacy_name(one.name) else quote(one.name)
    return f"{name}{one.type}{quote(one.value)}"


def _extended(selector: VectorSelector) -> str:
    return " anchored" if selector.anchored else " smoothed" if selector.smoothed else ""


def _modifiers(node: VectorSelector | Subquery) -> str:
    out = ""
    if node.at_ms is not None:
        out += f" @ {node.at_ms / 1000:.3f}"
    elif node.at_edge is not None:
        out += f" @ {node.at_edge}()"
    if node.offset_expr is not None or node.offset_ms:
        out += f" offset {_duration(node.offset_ms, node.offset_expr)}"
    return out


def _duration(milliseconds: int, expr: DurationExpr | None) -> str:
    return format_duration(milliseconds) if expr is None else _duration_expr(expr)


def _duration_expr(expr: Duration | None) -> str:
    if expr is None:
        return ""
    if isinstance(expr, NumberLiteral):
        return _number(expr)
    left, right = _duration_expr(expr.left), _duration_expr(expr.right)
    match expr.operator:
        case "step" | "range":
            text = f"{expr.operator}()"
        case "max_of" | "min_of":
            text = f"{expr.operator}({left}, {right})"
        case _ if expr.left is None:
            text = right if expr.operator == "+" else f"-{right}"
        case _:
            text = f"{left} {expr.operator} {right}"
    return f"({text})" if expr.wrapped else text
