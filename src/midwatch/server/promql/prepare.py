"""What only a query's start, end and step tell: `@ start()`, `step()`, durations; and what is the same at all steps."""

import math
from dataclasses import replace

from midwatch.server.promql.errors import ParameterError
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.syntax.ast import (
    TRIMS,
    Aggregate,
    Binary,
    Call,
    Duration,
    DurationExpr,
    Expr,
    MatrixSelector,
    NumberLiteral,
    Paren,
    StringLiteral,
    Subquery,
    Unary,
    VectorSelector,
    children,
    unwrap,
)
from midwatch.server.promql.syntax.text import DURATION_SECONDS_MAX

CHANGING = frozenset(
    {"time", "timestamp", "predict_linear", "minute", "hour", "day_of_week", "day_of_month", "day_of_year"}
    | {"days_in_month", "month", "year"}
)
"""Functions that answer otherwise at another step, even if their arguments do not."""


_OF_COUNTS = frozenset({"histogram_count", "histogram_sum", "histogram_avg"})
_OF_BUCKETS = frozenset({"histogram_quantile", "histogram_quantiles", "histogram_fraction"})


def prepare(expr: Expr, grid: Grid, *, step_ms: int) -> Expr:
    """The tree with times and durations filled in; `step_ms` is 0 of an instant query.

    Raises:
        ParameterError: a duration that is none for this query.
    """
    return _Preparer(grid, step_ms).visit(expr)


class _Preparer:
    def __init__(self, grid: Grid, step_ms: int) -> None:
        self._above: list[Expr] = []
        self.start, self.end = grid.start_ms, grid.end_ms
        self.step_seconds = step_ms / 1000
        self.range_seconds = (grid.end_ms - grid.start_ms) / 1000

    def visit(self, expr: Expr) -> Expr:
        self._above.append(expr)
        prepared = self._visit(expr)
        self._above.pop()
        return prepared

    def _visit(self, expr: Expr) -> Expr:  # noqa: PLR0911 - one line a node
        match expr:
            case VectorSelector():
                return self._selector(expr)
            case MatrixSelector():
                selector = self._selector(expr.selector)
                return replace(expr, selector=selector, range_ms=self._positive(expr.range_expr, expr.range_ms))
            case Subquery():
                return self._subquery(expr)
            case Call():
                return self._call(expr)
            case Aggregate():
                parameter = None if expr.parameter is None else self.visit(expr.parameter)
                return replace(expr, expr=self.visit(expr.expr), parameter=parameter)
            case Binary():
                return replace(expr, left=self.visit(expr.left), right=self.visit(expr.right))
            case Paren() | Unary():
                return replace(expr, expr=self.visit(expr.expr))
        return expr

    def _call(self, call: Call) -> Expr:
        changes = self.start != self.end
        folded = {
            "start": self.start / 1000,
            "end": self.end / 1000,
            "range": self.range_seconds,
            "step": self.step_seconds if changes else 0.0,
        }
        if call.function.name in folded:
            return NumberLiteral(folded[call.function.name], call.span)
        return replace(call, arguments=tuple(map(self.visit, call.arguments)))

    def _at(self, node: VectorSelector | Subquery) -> int | None:
        return {None: node.at_ms, "start": self.start, "end": self.end}[node.at_edge]

    def _selector(self, selector: VectorSelector) -> VectorSelector:
        offset = self._any(selector.offset_expr, selector.offset_ms)
        return replace(selector, at_ms=self._at(selector), offset_ms=offset, counts_only=self._counts_only())

    def _counts_only(self) -> bool:
        names = {one.function.name for one in self._above if isinstance(one, Call)}
        trims = any(isinstance(one, Binary) and one.operator in TRIMS for one in self._above)
        subqueries = any(isinstance(one, Subquery) for one in self._above)
        return bool(names & _OF_COUNTS) and not (names & _OF_BUCKETS or trims or subqueries)

    def _subquery(self, node: Subquery) -> Subquery:
        return replace(
            node,
            expr=self.visit(node.expr),
            at_ms=self._at(node),
            offset_ms=self._any(node.offset_expr, node.offset_ms),
            step_ms=self._positive(node.step_expr, node.step_ms),
            range_ms=self._positive(node.range_expr, node.range_ms),
        )

    def _positive(self, expr: DurationExpr | None, otherwise: int) -> int:
        if expr is None:
            return otherwise
        if (found := self._milliseconds(expr)) <= 0:
            raise self._refuse(expr, "duration must be greater than 0")
        return found

    def _any(self, expr: DurationExpr | None, otherwise: int) -> int:
        return otherwise if expr is None else self._milliseconds(expr)

    def _refuse(self, expr: Duration, problem: str) -> ParameterError:
        return ParameterError(f"{expr.span.start}:{expr.span.end}: {problem}")

    def _milliseconds(self, expr: DurationExpr) -> int:
        seconds = self._seconds(expr)
        if not math.isfinite(seconds):
            raise self._refuse(expr, "duration is NaN or infinite")
        if abs(seconds) > DURATION_SECONDS_MAX:
            raise self._refuse(expr, "duration is out of range")
        return math.trunc(seconds * 1000)

    def _seconds(self, expr: Duration | None) -> float:  # noqa: PLR0911 - one line an operator
        if expr is None:
            return 0.0
        if isinstance(expr, NumberLiteral):
            return expr.value
        if expr.operator == "step":
            return self.step_seconds
        if expr.operator == "range":
            return self.range_seconds
        left, right = self._seconds(expr.left), self._seconds(expr.right)
        match expr.operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "min_of":
                return min(left, right)
            case "max_of":
                return max(left, right)
            case "^":
                return _power(left, right)
        if right == 0:
            raise self._refuse(expr, f"{'division' if expr.operator == '/' else 'modulo'} by zero")
        return left / right if expr.operator == "/" else math.fmod(left, right)


def _power(left: float, right: float) -> float:
    try:
        result = left**right
    except (OverflowError, ZeroDivisionError):
        return math.inf
    return math.nan if isinstance(result, complex) else result


def is_invariant(expr: Expr) -> bool:
    """Whether an expression with selectors is the same at all steps: each is pinned by @."""
    return _pinned(expr) and _has_selector(expr)


def _has_selector(expr: Expr) -> bool:
    return isinstance(expr, VectorSelector | Subquery) or any(map(_has_selector, children(expr)))


def _pinned(expr: Expr) -> bool:
    match expr:
        case VectorSelector() | Subquery():
            return expr.at_ms is not None
        case NumberLiteral() | StringLiteral():
            return True
        case Call():
            pinned = all(map(_pinned, expr.arguments))
            if expr.function.name == "timestamp":
                return pinned and isinstance(unwrap(expr.arguments[0]), VectorSelector)
            return pinned and expr.function.name not in CHANGING
    return all(map(_pinned, children(expr)))
