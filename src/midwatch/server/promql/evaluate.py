"""Walking over a prepared tree: each node to a block, a number per step, or a text."""

from dataclasses import replace

import numpy as np

from midwatch.server.promql import instant_calls, range_calls, selection
from midwatch.server.promql.aggregate.numbers import aggregate
from midwatch.server.promql.aggregate.picks import count_values, pick
from midwatch.server.promql.binary.arithmetic import scalar
from midwatch.server.promql.binary.matching import combine_sets, operate
from midwatch.server.promql.binary.vectors import with_scalar
from midwatch.server.promql.block import Block, nothing
from midwatch.server.promql.context import Context
from midwatch.server.promql.floats import Floats
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.prepare import is_invariant
from midwatch.server.promql.samples import Samples
from midwatch.server.promql.syntax.ast import (
    SETS,
    Aggregate,
    Binary,
    Call,
    Expr,
    MatrixSelector,
    NumberLiteral,
    Paren,
    StringLiteral,
    Subquery,
    Unary,
    VectorSelector,
    unwrap,
)

Value = Block | Floats
_PICKS = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})


class Evaluator:
    def __init__(self, context: Context) -> None:
        self.context = context

    def evaluate(self, expr: Expr, grid: Grid) -> Value:
        """A vector as a block, a scalar as one number per step."""
        self.context.budget.check_time()
        if grid.steps > 1 and is_invariant(expr):
            return _repeated(self._evaluate(expr, grid.first()), grid.steps)
        value = self._evaluate(expr, grid)
        if isinstance(value, Block):
            self.context.budget.hold(int(value.present.sum()))
        return value

    def block(self, expr: Expr, grid: Grid) -> Block:
        value = self.evaluate(expr, grid)
        assert isinstance(value, Block)
        return value

    def numbers(self, expr: Expr, grid: Grid) -> Floats:
        value = self.evaluate(expr, grid)
        assert not isinstance(value, Block)
        return value

    def _evaluate(self, expr: Expr, grid: Grid) -> Value:  # noqa: PLR0911 - one line a node
        if not grid.steps:
            return nothing(0)
        match expr:
            case NumberLiteral():
                self.context.budget.hold(grid.steps)
                return np.full(grid.steps, expr.value)
            case VectorSelector():
                return selection.vector(self.context, expr, grid)
            case Paren():
                return self.evaluate(expr.expr, grid)
            case Unary():
                return self._unary(expr, grid)
            case Aggregate():
                return self._aggregate(expr, grid)
            case Binary():
                return self._binary(expr, grid)
            case Call():
                return self._call(expr, grid)
        raise AssertionError(f"a {type(expr).__name__} is no vector")  # what check() refuses

    def _unary(self, expr: Unary, grid: Grid) -> Value:
        value = self.evaluate(expr.expr, grid)
        if expr.operator == "+":
            return value
        if not isinstance(value, Block):
            return -value
        histograms = value.histograms
        if histograms is not None:
            histograms = histograms.copy()
            mask = value.is_histogram
            histograms[mask] = [one.scaled(-1.0) for one in histograms[mask]]
        return self.context.renamed(replace(value, values=-value.values, histograms=histograms))

    def _aggregate(self, expr: Aggregate, grid: Grid) -> Block:
        if self.context.pushing is not None:
            pushed = self.context.pushing.aggregate(expr, grid)
            if pushed is not None:
                return pushed
        inner = unwrap(expr.expr)
        expr = replace(expr, expr=inner, parameter=None if expr.parameter is None else unwrap(expr.parameter))
        if expr.operator == "count_values":
            assert isinstance(expr.parameter, StringLiteral)
            return count_values(expr, self.block(inner, grid), expr.parameter.value)
        parameter = None if expr.parameter is None else self.numbers(expr.parameter, grid)
        block = self.block(inner, grid)
        if expr.operator in _PICKS:
            assert parameter is not None
            return pick(self.context, expr, block, parameter)
        return aggregate(self.context, expr, block, parameter)

    def _binary(self, expr: Binary, grid: Grid) -> Value:
        left, right = self.evaluate(expr.left, grid), self.evaluate(expr.right, grid)
        if isinstance(left, Block):
            if isinstance(right, Block):
                if expr.operator in SETS:
                    return combine_sets(expr.operator, left, right, expr.matching)
                return operate(self.context, expr, left, right)
            return with_scalar(
                self.context, expr.operator, left, right, expr.span, swapped=False, return_bool=expr.return_bool
            )
        if isinstance(right, Block):
            return with_scalar(
                self.context, expr.operator, right, left, expr.span, swapped=True, return_bool=expr.return_bool
            )
        return scalar(expr.operator, left, right)

    def _call(self, call: Call, grid: Grid) -> Value:
        call = replace(call, arguments=tuple(map(unwrap, call.arguments)))
        for argument in call.arguments:
            if isinstance(argument, MatrixSelector | Subquery):
                return self._range_call(call, argument, grid)
        return instant_calls.call(self, call, grid)

    def _range_call(self, call: Call, argument: MatrixSelector | Subquery, grid: Grid) -> Block:
        if isinstance(argument, Subquery):
            samples = self.subquery(argument, grid)
            scalars = [self.numbers(one, grid) for one in call.arguments if one is not argument]
            block = range_calls.over_samples(self.context, call, argument, samples, scalars, grid)
        else:
            scalars = [self.numbers(one, grid) for one in call.arguments if one is not argument]
            block = range_calls.over_selector(self.context, call, argument, scalars, grid)
        if call.function.name == "absent_over_time":
            return range_calls.absent(block, argument, grid.steps)
        return block

    def subquery(self, node: Subquery, grid: Grid) -> Samples:
        """The results of a subquery that all the steps need."""
        inner = range_calls.subquery_grid(self.context, node, selection.evaluation_times(node, grid))
        self.context.budget.hold(inner.steps)
        block = self.block(node.expr, inner)
        self.context.budget.load(int(block.present.sum()))
        return range_calls.subquery_samples(block, inner)


def _repeated(value: Value, steps: int) -> Value:
    if not isinstance(value, Block):
        return np.repeat(value, steps)
    return Block(
        value.labels,
        np.repeat(value.values, steps, axis=1),
        np.repeat(value.present, steps, axis=1),
        None if value.histograms is None else np.repeat(value.histograms, steps, axis=1),
        value.drop_name,
    )
