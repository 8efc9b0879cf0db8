"""Queries from text to result."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from midwatch.server.promql import results
from midwatch.server.promql.annotations import Annotations
from midwatch.server.promql.block import Block
from midwatch.server.promql.context import Context
from midwatch.server.promql.errors import ExecutionError, ParameterError
from midwatch.server.promql.evaluate import Evaluator
from midwatch.server.promql.functions.extended_samples import extended_samples
from midwatch.server.promql.grid import Grid
from midwatch.server.promql.limits import Budget
from midwatch.server.promql.options import EngineOptions
from midwatch.server.promql.prepare import prepare
from midwatch.server.promql.results import Result
from midwatch.server.promql.samples import Samples
from midwatch.server.promql.selection import evaluation_times, window_samples
from midwatch.server.promql.storage import SeriesSource
from midwatch.server.promql.syntax.ast import (
    Expr,
    MatrixSelector,
    StringLiteral,
    Subquery,
    ValueType,
    type_of,
    unwrap,
)
from midwatch.server.promql.syntax.parser import parse
from midwatch.server.promql.syntax.text import clean

Deadline = Callable[[], bool]


class Engine:
    """Holds no state but its options; safe to share between threads."""

    def __init__(self, options: EngineOptions | None = None) -> None:
        self.options = options or EngineOptions()

    def instant(
        self, source: SeriesSource, query: str, time_ms: int, *, lookback_ms: int = 0, deadline: Deadline | None = None
    ) -> Result:
        """A query at one time; `lookback_ms` 0 is the engine's own.

        Raises:
            QueryError: its `kind` says whose fault it is.
        """
        return self.at(source, parse(query, self.options.parser), query, time_ms, lookback_ms, deadline)

    def at(
        self,
        source: SeriesSource,
        expr: Expr,
        query: str,
        time_ms: int,
        lookback_ms: int = 0,
        deadline: Deadline | None = None,
    ) -> Result:
        """The same of a query that was read before: `expr` is what `query` says.

        Raises:
            QueryError: its `kind` says whose fault it is.
        """
        context = self._context(source, lookback_ms, deadline)
        grid = Grid(time_ms, time_ms, 1)
        with np.errstate(all="ignore"):
            value = self._instant(Evaluator(context), prepare(expr, grid, step_ms=0), grid)
        return _finished(context, query, value, time_ms)

    def range(
        self,
        source: SeriesSource,
        query: str,
        start_ms: int,
        end_ms: int,
        step_ms: int,
        *,
        lookback_ms: int = 0,
        deadline: Deadline | None = None,
    ) -> Result:
        """A query at each step from start to end.

        Raises:
            QueryError: its `kind` says whose fault it is.
        """
        expr = parse(query, self.options.parser)
        grid = self._grid(start_ms, end_ms, step_ms)
        if (kind := type_of(expr)) not in (ValueType.SCALAR, ValueType.VECTOR):
            problem = f'invalid expression type "{kind}" for range query, must be Scalar or instant Vector'
            raise ParameterError(problem)
        context = self._context(source, lookback_ms, deadline)
        with np.errstate(all="ignore"):
            value = Evaluator(context).evaluate(prepare(expr, grid, step_ms=step_ms), grid)
            if isinstance(value, Block):
                matrix = results.matrix(results.named(value), grid)
            else:
                matrix = results.scalar_matrix(value, grid)
        return _finished(context, query, matrix, end_ms)

    def _grid(self, start_ms: int, end_ms: int, step_ms: int) -> Grid:
        if step_ms <= 0:
            raise ParameterError(
                "zero or negative query resolution step widths are not accepted. Try a positive integer"
            )
        if end_ms < start_ms:
            raise ParameterError("end timestamp must not be before start time")
        grid = Grid(start_ms, end_ms, step_ms)
        if grid.steps > self.options.steps_max:
            most = f"{self.options.steps_max:,}"
            problem = f"exceeded maximum resolution of {most} points per timeseries"
            raise ParameterError(f"{problem}. Try decreasing the query resolution (?step=XX)")
        return grid

    def _context(self, source: SeriesSource, lookback_ms: int, deadline: Deadline | None) -> Context:
        options = replace(self.options, lookback_ms=lookback_ms) if lookback_ms > 0 else self.options
        return Context(source, options, Annotations(), Budget(options, deadline))

    def _instant(self, run: Evaluator, expr: Expr, grid: Grid) -> results.Value:
        inner = unwrap(expr)
        if isinstance(inner, StringLiteral):
            return results.String(clean(inner.value))
        if isinstance(inner, MatrixSelector):
            return results.sample_matrix(_range_vector(run.context, inner, grid))
        if isinstance(inner, Subquery):
            samples = run.subquery(inner, grid)
            block_like = Samples(samples.labels, samples.bounds, samples.times, samples.values, samples.histograms)
            return results.sample_matrix(block_like)
        value = run.evaluate(expr, grid)
        if isinstance(value, Block):
            return results.vector(results.named(value))
        return results.Scalar(float(value[0]))


def _range_vector(context: Context, node: MatrixSelector, grid: Grid) -> Samples:
    times = evaluation_times(node.selector, grid)
    samples = window_samples(context, node, times)
    end = int(times[0])
    begin = end - node.range_ms
    selector = node.selector
    if not selector.anchored and not selector.smoothed:
        return samples.only((samples.times > begin) & (samples.times <= end))
    if samples.is_histogram.any():
        word = "anchored" if selector.anchored else "smoothed"
        raise ExecutionError(f"{word} modifier is not supported with histograms")
    return extended_samples(samples, begin, end, smoothed=selector.smoothed)


def _finished(context: Context, query: str, value: results.Value, time_ms: int) -> Result:
    warnings, infos = context.notes.texts(query)
    return Result(value, time_ms, warnings, infos, context.budget.peak)
